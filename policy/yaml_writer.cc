#include "policy/yaml_writer.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "policy/canonical.h"
#include "policy/check.h"
#include "policy/text.h"
#include "policy/yaml.h"

namespace entente::policy {
namespace {

constexpr size_t kColumns = 100;

// Words and numbers that some reader of YAML takes for something else than
// text.
bool LooksTyped(absl::string_view text) {
  static constexpr absl::string_view kWords[] = {
      "true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan"};
  const std::string word = absl::AsciiStrToLower(text);
  if (std::find(std::begin(kWords), std::end(kWords), word) !=
      std::end(kWords)) {
    return true;
  }
  // Numbers, days and times of any spelling.
  return absl::ascii_isdigit(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(c) || absl::StrContains("+-.:_oxTZ ", c);
         });
}

// Whether `text` means itself without quotes, between commas or not.
bool IsPlain(absl::string_view text, bool in_flow) {
  if (text.empty() || !absl::ascii_isalnum(text.front()) || LooksTyped(text) ||
      text.back() == ' ' || text.back() == ':' ||
      absl::StrContains(text, ": ") || absl::StrContains(text, " #")) {
    return false;
  }
  return !in_flow || text.find_first_of(",[]{}:") == absl::string_view::npos;
}

std::string Scalar(const Node& node, bool in_flow) {
  if (node.scalar != Node::Scalar::kText || IsPlain(node.text, in_flow)) {
    return node.text;
  }
  return absl::StrCat(
      "\"", absl::StrReplaceAll(node.text, {{"\\", "\\\\"}, {"\"", "\\\""}}),
      "\"");
}

std::string Key(absl::string_view key, bool in_flow) {
  Node node;
  node.text = std::string(key);
  return Scalar(node, in_flow);
}

// `[a, b]`, `{ a: b }` or a scalar.
std::string OnOneLine(const Node& node) {
  if (node.kind == Node::Kind::kScalar) return Scalar(node, true);
  std::vector<std::string> parts;
  if (node.kind == Node::Kind::kSequence) {
    for (const Node& item : node.items) parts.push_back(OnOneLine(item));
    return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
  }
  if (node.entries.empty()) return "{}";
  for (const Entry& entry : node.entries) {
    parts.push_back(
        absl::StrCat(Key(entry.key, true), ": ", OnOneLine(entry.value)));
  }
  return absl::StrCat("{ ", absl::StrJoin(parts, ", "), " }");
}

bool IsLeaf(const Node& node) { return node.kind == Node::Kind::kScalar; }

// Whether a list of words, or a small map of them below a section.
bool MayBeOnOneLine(const Node& node, size_t indent) {
  if (node.kind == Node::Kind::kSequence) {
    return std::all_of(node.items.begin(), node.items.end(), IsLeaf);
  }
  const auto& entries = node.entries;
  return entries.empty() ||
         (indent > 2 && entries.size() <= 4 &&
          std::all_of(entries.begin(), entries.end(), [](const Entry& entry) {
            return IsLeaf(entry.value) || MayBeOnOneLine(entry.value, 4);
          }));
}

// Whether a line can end at any of the spaces of `text` and begin again.
bool Folds(absl::string_view text) {
  return text.front() != ' ' && text.back() != ' ' &&
         !absl::StrContains(text, "  ");
}

class Writer {
 public:
  // What follows `key:` or `-`, with its line feed. `column` is where that
  // ends, `indent` that of the lines below it.
  void Value(const Node& node, size_t column, size_t indent) {
    if (node.kind == Node::Kind::kScalar) {
      const std::string text = Scalar(node, false);
      const bool fits = column + 1 + CountCharacters(text) <= kColumns;
      if (!fits && Folds(node.text)) return Folded(node.text, indent);
      absl::StrAppend(&text_, " ", text, "\n");
      return;
    }
    if (MayBeOnOneLine(node, indent)) {
      const std::string text = OnOneLine(node);
      if (column + 1 + CountCharacters(text) <= kColumns) {
        absl::StrAppend(&text_, " ", text, "\n");
        return;
      }
    }
    text_ += "\n";
    if (node.kind == Node::Kind::kMap) return Entries(node, indent, true);
    for (const Node& item : node.items) Item(item, indent);
  }

  // The lines of a map; the first begins where the text ends unless `fresh`.
  void Entries(const Node& node, size_t indent, bool fresh) {
    for (const Entry& entry : node.entries) {
      const std::string key = Key(entry.key, false);
      const size_t begin = fresh ? indent : 0;
      absl::StrAppend(&text_, std::string(begin, ' '), key, ":");
      Value(entry.value, indent + CountCharacters(key) + 1, indent + 2);
      fresh = true;
    }
  }

  std::string Take() { return std::move(text_); }

 private:
  void Item(const Node& node, size_t indent) {
    absl::StrAppend(&text_, std::string(indent, ' '), "-");
    if (node.kind == Node::Kind::kMap && !node.entries.empty()) {
      const std::string text = OnOneLine(node);
      if (!MayBeOnOneLine(node, indent + 2) ||
          indent + 2 + CountCharacters(text) > kColumns) {
        text_ += " ";
        return Entries(node, indent + 2, false);
      }
    }
    Value(node, indent + 1, indent + 2);
  }

  void Folded(absl::string_view text, size_t indent) {
    text_ += " >-";
    size_t column = kColumns;
    for (const absl::string_view word : absl::StrSplit(text, ' ')) {
      const size_t width = CountCharacters(word);
      if (column + 1 + width > kColumns) {
        absl::StrAppend(&text_, "\n", std::string(indent, ' '), word);
        column = indent + width;
      } else {
        absl::StrAppend(&text_, " ", word);
        column += 1 + width;
      }
    }
    text_ += "\n";
  }

  std::string text_;
};

// `root` as YAML, if Check reads that back to `canonical`.
absl::StatusOr<std::string> Written(const Node& root,
                                    absl::string_view canonical) {
  std::string text = WriteYaml(root);
  if (text.size() > kMaxDocumentBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("its YAML has more than ", kMaxDocumentBytes, " bytes"));
  }
  const CheckResult checked = Check("", text);
  if (!checked.ok() || checked.canonical != canonical) {
    return absl::InternalError(
        absl::StrCat("its YAML reads as another document: ", checked.report));
  }
  return text;
}

void SetPrevious(const std::string& digest, Node* root) {
  Node* previous = root->Find("previous");
  if (previous == nullptr) {
    const auto version =
        std::find_if(root->entries.begin(), root->entries.end(),
                     [](const Entry& entry) { return entry.key == "version"; });
    previous =
        &root->entries.insert(version + 1, {"previous", 0, 0, Node()})->value;
  }
  previous->text = digest;
}

}  // namespace

std::string WriteYaml(const Node& root) {
  Writer writer;
  writer.Entries(root, 0, true);
  return writer.Take();
}

absl::StatusOr<std::string> YamlOfSigned(absl::string_view canonical) {
  Node root;
  const absl::StatusOr<Agreement> read = ReadCanonical(canonical, &root);
  if (!read.ok()) return read.status();
  return Written(root, canonical);
}

absl::StatusOr<std::string> YamlOfNext(absl::string_view canonical) {
  Node root;
  const absl::StatusOr<Agreement> read = ReadCanonical(canonical, &root);
  if (!read.ok()) return read.status();
  const int64_t next = read->version + 1;
  root.Find("version")->text = absl::StrCat(next);
  SetPrevious(Digest(canonical), &root);
  const CheckResult checked = Check("", WriteYaml(root));
  if (!checked.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "version ", next, " cannot be made of it: ", checked.report));
  }
  absl::StatusOr<std::string> text = Written(root, checked.canonical);
  if (!text.ok()) return text.status();
  return absl::StrCat(
      "# Version ", next, " of ", read->id, ", so far the same as version ",
      read->version, ".\n# Now edit it; leave id, version and previous as ",
      "they are. Then, as NEXT.yaml:\n#   entente agreement check NEXT.yaml\n",
      "#   entente agreement diff ", read->id, " NEXT.yaml\n",
      "#   entente agreement amend ", read->id, " NEXT.yaml\n", *text);
}

}  // namespace entente::policy
