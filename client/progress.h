// How far a long command has come, for a person who watches.
#ifndef ENTENTE_CLIENT_PROGRESS_H_
#define ENTENTE_CLIENT_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace entente::client {

// `sent 12,345 rows, 1,234 a second, about 3 min left`: only what is known.
// `share` of the work is done, 0 to 1, after `elapsed`.
std::string ProgressText(const std::string& doing, uint64_t rows,
                         std::optional<double> share, absl::Duration elapsed);

// One line that is written over, at most five times a second. Not thread-safe.
class Progress {
 public:
  // `to` is borrowed; null shows nothing, as when nobody watches.
  Progress(std::ostream* to, std::string doing,
           std::function<absl::Time()> now = absl::Now);
  // Clears the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(uint64_t rows, std::optional<double> share);
  // Clears the line, before something else is said.
  void Clear();

 private:
  std::ostream* const to_;
  const std::string doing_;
  const std::function<absl::Time()> now_;
  const absl::Time begun_;
  absl::Time shown_ = absl::InfinitePast();
  size_t width_ = 0;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PROGRESS_H_
