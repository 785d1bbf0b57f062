#ifndef ENTENTE_POLICY_VALUE_READER_H_
#define ENTENTE_POLICY_VALUE_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "policy/node.h"
#include "policy/path.h"
#include "policy/reporter.h"
#include "policy/text.h"
#include "policy/words.h"

// Reading one node as the schema wants it. Each function reports what is wrong
// under `path` and leaves `out` as it was, and notes in the node what it is in
// the canonical form. What is reported shows at most 60 bytes of the document.
namespace entente::policy {

// Lengths of text, in characters.
struct Length {
  size_t min = 2;
  size_t max = 300;
};

// `text` for a message: quoted, and cut to 60 bytes of whole characters.
std::string Quoted(absl::string_view text);

// True if `node` is of `kind`; reported if not.
bool IsKind(const Node& node, Node::Kind kind, const Path& path,
            Reporter* reporter);

// One line of text: no fault of FindFault, no space at either end.
void ReadText(Node* node, const Path& path, Length length, Reporter* reporter,
              std::string* out);
void ReadMatching(Node* node, const Path& path, const Pattern& pattern,
                  Reporter* reporter, std::string* out);
void ReadInteger(Node* node, const Path& path, int64_t min, int64_t max,
                 Reporter* reporter, int64_t* out);
void ReadBoolean(Node* node, const Path& path, Reporter* reporter, bool* out);
void ReadDay(Node* node, const Path& path, Reporter* reporter,
             absl::CivilDay* out);

// `"word" is not known (did you mean ...? one of ...)`.
void ReportUnknownWord(absl::string_view word, const Path& path,
                       const std::vector<std::string>& allowed,
                       Reporter* reporter);

template <typename Enum>
void ReadWord(const Node& node, const Path& path, Reporter* reporter,
              Enum* out) {
  if (!IsKind(node, Node::Kind::kScalar, path, reporter)) return;
  for (const auto& [word, value] : AllWords<Enum>()) {
    if (word == node.text) {
      *out = value;
      return;
    }
  }
  std::vector<std::string> allowed;
  for (const auto& [word, value] : AllWords<Enum>()) allowed.emplace_back(word);
  ReportUnknownWord(node.text, path, allowed, reporter);
}

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_VALUE_READER_H_
