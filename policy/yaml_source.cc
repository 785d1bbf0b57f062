#include "policy/yaml_source.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "policy/text.h"

namespace entente::policy {
namespace {

Diagnostic ErrorAt(size_t line, size_t column, absl::string_view message,
                   absl::string_view allowed) {
  Diagnostic error;
  error.line = static_cast<int>(line) + 1;
  error.column = static_cast<int>(column) + 1;
  error.message = std::string(message);
  error.allowed = std::string(allowed);
  return error;
}

}  // namespace

YamlSource::YamlSource(absl::string_view text)
    : lines_(absl::StrSplit(text, '\n')) {
  for (absl::string_view& line : lines_) absl::ConsumeSuffix(&line, "\r");
}

void YamlSource::CheckLines(std::vector<Diagnostic>* diagnostics) const {
  for (size_t i = 0; i < lines_.size(); ++i) {
    const absl::string_view line = lines_[i];
    const size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
    const size_t tab = line.substr(0, indent).find('\t');
    if (tab != absl::string_view::npos) {
      diagnostics->push_back(
          ErrorAt(i, tab, "tab in the indentation", "spaces"));
    }
    if (absl::StartsWith(line, "%")) {
      diagnostics->push_back(
          ErrorAt(i, 0, "a directive", "no line that starts with %"));
    }
    // A tab elsewhere is layout; inside a value, whoever reads it refuses it.
    const std::string shown = absl::StrReplaceAll(line, {{"\t", " "}});
    if (const std::optional<TextFault> fault = FindFault(shown)) {
      const size_t column = CountCharacters(line.substr(0, fault->offset));
      diagnostics->push_back(
          ErrorAt(i, column, fault->message, "UTF-8 text of visible letters"));
    }
  }
}

Position YamlSource::PositionOf(int line, int byte_column) const {
  const int last = static_cast<int>(lines_.size()) - 1;
  const int row = std::clamp(line, 0, last);
  const absl::string_view text = lines_[static_cast<size_t>(row)];
  const int width = static_cast<int>(text.size());
  const int bytes = std::clamp(byte_column, 0, width);
  const size_t characters =
      CountCharacters(text.substr(0, static_cast<size_t>(bytes)));
  return {row + 1, static_cast<int>(characters) + 1};
}

char YamlSource::At(int line, int byte_column) const {
  if (line < 0 || static_cast<size_t>(line) >= lines_.size()) return '\0';
  const absl::string_view text = lines_[static_cast<size_t>(line)];
  if (byte_column < 0 || static_cast<size_t>(byte_column) >= text.size()) {
    return '\0';
  }
  return text[static_cast<size_t>(byte_column)];
}

}  // namespace entente::policy
