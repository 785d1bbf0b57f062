#include "policy/value_reader.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxShown = 60;

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) >> 6) == 2; }

}  // namespace

std::string Quoted(absl::string_view text) {
  if (FindFault(text).has_value()) return "this text";
  if (text.size() <= kMaxShown) return absl::StrCat("\"", text, "\"");
  size_t end = kMaxShown;
  while (end > 0 && IsContinuation(text[end])) --end;
  return absl::StrCat("\"", text.substr(0, end), "...\"");
}

bool IsKind(const Node& node, Node::Kind kind, const Path& path,
            Reporter* reporter) {
  if (node.kind == kind) return true;
  if (node.kind == Node::Kind::kNothing) {
    reporter->Error(path, kNoValue, kAnyValue);
    return false;
  }
  reporter->Error(path, absl::StrCat("is ", NameOf(node.kind)), NameOf(kind));
  return false;
}

void ReadText(Node* node, const Path& path, Length length, Reporter* reporter,
              std::string* out) {
  if (!IsKind(*node, Node::Kind::kScalar, path, reporter)) return;
  if (const std::optional<TextFault> fault = FindFault(node->text)) {
    reporter->Error(path, fault->message, "one line of visible letters");
    return;
  }
  const size_t size = CountCharacters(node->text);
  if (size < length.min || size > length.max) {
    reporter->Error(
        path, absl::StrCat("has ", size, " characters"),
        absl::StrCat(length.min, " to ", length.max, " characters"));
    return;
  }
  if (absl::StartsWith(node->text, " ") || absl::EndsWith(node->text, " ")) {
    reporter->Error(path, "begins or ends with a space", "no space there");
    return;
  }
  node->scalar = Node::Scalar::kText;
  *out = node->text;
}

void ReadMatching(Node* node, const Path& path, const Pattern& pattern,
                  Reporter* reporter, std::string* out) {
  if (!IsKind(*node, Node::Kind::kScalar, path, reporter)) return;
  if (!pattern.matches(node->text)) {
    reporter->Error(path, absl::StrCat(Quoted(node->text), " is not valid"),
                    pattern.allowed);
    return;
  }
  node->scalar = Node::Scalar::kText;
  *out = node->text;
}

void ReadInteger(Node* node, const Path& path, int64_t min, int64_t max,
                 Reporter* reporter, int64_t* out) {
  if (!IsKind(*node, Node::Kind::kScalar, path, reporter)) return;
  const auto allowed = [min, max] {
    return absl::StrCat("a whole number from ", min, " to ", max);
  };
  const std::optional<int64_t> value = ParseInteger(node->text);
  if (!value.has_value()) {
    reporter->Error(path, absl::StrCat(Quoted(node->text), " is not a number"),
                    allowed());
    return;
  }
  if (*value < min || *value > max) {
    reporter->Error(path, absl::StrCat(*value, " is out of range"), allowed());
    return;
  }
  node->scalar = Node::Scalar::kInteger;
  *out = *value;
}

void ReadBoolean(Node* node, const Path& path, Reporter* reporter, bool* out) {
  if (!IsKind(*node, Node::Kind::kScalar, path, reporter)) return;
  const std::optional<bool> value = ParseBoolean(node->text);
  if (!value.has_value()) {
    reporter->Error(path, absl::StrCat(Quoted(node->text), " is not known"),
                    "true or false");
    return;
  }
  node->scalar = Node::Scalar::kBoolean;
  *out = *value;
}

void ReadDay(Node* node, const Path& path, Reporter* reporter,
             absl::CivilDay* out) {
  if (!IsKind(*node, Node::Kind::kScalar, path, reporter)) return;
  const std::optional<absl::CivilDay> value = ParseDay(node->text);
  if (!value.has_value()) {
    reporter->Error(path, absl::StrCat(Quoted(node->text), " is not a day"),
                    "a day that exists, as 2027-03-31");
    return;
  }
  node->scalar = Node::Scalar::kText;
  *out = *value;
}

void ReportUnknownWord(absl::string_view word, const Path& path,
                       const std::vector<std::string>& allowed,
                       Reporter* reporter) {
  std::string hint = absl::StrJoin(allowed, ", ");
  const std::string nearest = Nearest(word, allowed);
  if (!nearest.empty()) {
    hint = absl::StrCat("did you mean ", nearest, "? ", hint);
  }
  reporter->Error(path, absl::StrCat(Quoted(word), " is not known"), hint);
}

}  // namespace entente::policy
