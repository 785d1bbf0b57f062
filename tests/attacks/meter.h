// What a process costs, as the kernel counts it.
#ifndef ENTENTE_TESTS_ATTACKS_METER_H_
#define ENTENTE_TESTS_ATTACKS_METER_H_

#include <sys/types.h>

namespace entente::attacks {

struct Cost {
  double cpu_seconds = 0;  // user and system, since its start
  double memory_mib = 0;   // resident now
  double peak_mib = 0;     // resident at most, since its start
  int threads = 0;
};

// From /proc; all 0 if there is no such process.
Cost CostOf(pid_t process);

}  // namespace entente::attacks

#endif  // ENTENTE_TESTS_ATTACKS_METER_H_
