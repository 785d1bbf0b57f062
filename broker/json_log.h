// What the broker says on stderr: one JSON object a line.
#ifndef ENTENTE_BROKER_JSON_LOG_H_
#define ENTENTE_BROKER_JSON_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/variant.h"
#include "broker/clock.h"

namespace entente::broker {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// `debug`, `info`, `warning`, `error`. InvalidArgument for another word.
absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view name);

// One member of a log line.
struct LogField {
  LogField(absl::string_view k, absl::string_view v)
      : key(k), value(std::string(v)) {}
  LogField(absl::string_view k, const char* v)
      : key(k), value(std::string(v)) {}
  LogField(absl::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(absl::string_view k, int64_t v) : key(k), value(v) {}
  LogField(absl::string_view k, uint64_t v)
      : key(k), value(static_cast<int64_t>(v)) {}
  LogField(absl::string_view k, int v) : key(k), value(int64_t{v}) {}
  LogField(absl::string_view k, bool v) : key(k), value(v) {}

  absl::string_view key;
  absl::variant<std::string, int64_t, bool> value;
};

// Writes {"time":…,"level":…,"event":…, fields…} to a descriptor, whole lines
// in one write. `event` is a constant of ours; fields hold names, codes and
// counts, never an identifier, a value, a person's name or a secret. Text is
// cut at 2,048 bytes, and bytes that are no UTF-8 become U+FFFD. What cannot be
// written is lost. Thread-safe.
class JsonLog {
 public:
  JsonLog(int descriptor, LogLevel least, const Clock* clock)
      : descriptor_(descriptor), least_(least), clock_(*clock) {}

  void Write(LogLevel level, absl::string_view event,
             std::initializer_list<LogField> fields) ABSL_LOCKS_EXCLUDED(mu_);
  void Info(absl::string_view event, std::initializer_list<LogField> fields) {
    Write(LogLevel::kInfo, event, fields);
  }
  void Warning(absl::string_view event,
               std::initializer_list<LogField> fields) {
    Write(LogLevel::kWarning, event, fields);
  }
  void Error(absl::string_view event, std::initializer_list<LogField> fields) {
    Write(LogLevel::kError, event, fields);
  }

 private:
  const int descriptor_;
  const LogLevel least_;
  const Clock& clock_;
  // Keeps the lines apart on a pipe; held for one write.
  absl::Mutex mu_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_JSON_LOG_H_
