#include "broker/json_log.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxTextBytes = 2048;

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

// Bytes of the well-formed UTF-8 character (Unicode, table 3-7) at the start
// of `text`; 0 if there is none.
size_t CharacterBytes(absl::string_view text) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  size_t bytes = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    bytes = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    bytes = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    bytes = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  }
  if (bytes == 0 || text.size() < bytes || at(1) < low || at(1) > high) {
    return 0;
  }
  for (size_t i = 2; i < bytes; ++i) {
    if (at(i) < 0x80 || at(i) > 0xbf) return 0;
  }
  return bytes;
}

std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  size_t written = 0;
  while (!text.empty() && written < kMaxTextBytes) {
    const size_t bytes = CharacterBytes(text);
    const char first = text[0];
    if (bytes == 0) {
      absl::StrAppend(&quoted, "\xef\xbf\xbd");
    } else if (first == '"' || first == '\\') {
      absl::StrAppend(&quoted, "\\", text.substr(0, 1));
    } else if (static_cast<uint8_t>(first) < 0x20 || first == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<int>(first));
    } else {
      absl::StrAppend(&quoted, text.substr(0, bytes));
    }
    const size_t used = bytes == 0 ? 1 : bytes;
    text.remove_prefix(used);
    written += used;
  }
  return absl::StrCat(quoted, "\"");
}

std::string Value(const LogField& field) {
  if (const auto* text = absl::get_if<std::string>(&field.value)) {
    return Quote(*text);
  }
  if (const auto* number = absl::get_if<int64_t>(&field.value)) {
    return absl::StrCat(*number);
  }
  return absl::get<bool>(field.value) ? "true" : "false";
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view name) {
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning,
                         LogLevel::kError}) {
    if (name == LevelName(level)) return level;
  }
  return absl::InvalidArgumentError(
      "a log level is debug, info, warning or error");
}

void JsonLog::Write(LogLevel level, absl::string_view event,
                    std::initializer_list<LogField> fields) {
  if (level < least_) return;
  std::string line = absl::StrCat(
      "{\"time\":\"",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_.Now(),
                       absl::UTCTimeZone()),
      "\",\"level\":\"", LevelName(level), "\",\"event\":", Quote(event));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, ",", Quote(field.key), ":", Value(field));
  }
  absl::StrAppend(&line, "}\n");
  absl::MutexLock lock(&mu_);
  // Nobody is left to tell that the log cannot be written.
  [[maybe_unused]] const ssize_t written =
      write(descriptor_, line.data(), line.size());
}

}  // namespace entente::broker
