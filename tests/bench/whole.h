// The installed programs under load.
#ifndef ENTENTE_TESTS_BENCH_WHOLE_H_
#define ENTENTE_TESTS_BENCH_WHOLE_H_

#include <vector>

#include "absl/status/status.h"
#include "tests/bench/parts.h"
#include "tests/bench/report.h"
#include "tests/world/world.h"

namespace entente::bench {

// Enrols, sends and receives `records` records in batches of one chunk of 256,
// with proof of conversion and without; enrolment; the broker's memory.
absl::Status MeasureRecords(const world::Settings& settings,
                            const RecordFloor& floor, int records,
                            std::vector<Line>* lines);

// Durable small calls, 64 at once: enrolments of one identifier, against a
// gRPC echo over mutual TLS in the same shape that does nothing.
absl::Status MeasureCalls(const world::Settings& settings, double seconds,
                          std::vector<Line>* lines);

}  // namespace entente::bench

#endif  // ENTENTE_TESTS_BENCH_WHOLE_H_
