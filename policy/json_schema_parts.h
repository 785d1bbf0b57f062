// What SharingAgreementSchema (policy/json_schema.h) is put together from.
#ifndef ENTENTE_POLICY_JSON_SCHEMA_PARTS_H_
#define ENTENTE_POLICY_JSON_SCHEMA_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "policy/agreement.h"
#include "policy/words.h"

namespace entente::policy {

// The patterns of policy/text.h as regular expressions (ECMAScript), and what
// ParseDay takes.
inline constexpr char kSlugRegex[] = "^[a-z][a-z0-9-]{1,60}$";
inline constexpr char kFieldNameRegex[] = "^[a-z][a-z0-9_]{1,60}$";
inline constexpr char kAgreementIdRegex[] = "^isa-[a-z0-9-]{3,60}$";
inline constexpr char kHexDigestRegex[] = "^[0-9a-f]{64}$";
inline constexpr char kDefinitionRegex[] = "^(?=.{1,80}$)[a-z0-9.-]+/[0-9]+$";
inline constexpr char kSchemeRegex[] =
    "^(nhs/1|pnc/1|name_dob/1|opaque/1:[a-z][a-z0-9_-]{0,59})$";
inline constexpr char kHostNameRegex[] =
    "^(?=.{1,253}$)(?!.*[.][.])[a-z0-9]([a-z0-9.-]*[a-z0-9])?$";
inline constexpr char kCertificateNameRegex[] = "^[A-Za-z0-9._-]{1,64}$";
inline constexpr char kLedgerKeyRegex[] =
    "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$";
inline constexpr char kWitnessKeyRegex[] =
    "^[!-*,-~]{1,200}[+][0-9a-f]{8}[+]B[A-P][A-Za-z0-9+/]{42}$";
inline constexpr char kWitnessUrlRegex[] =
    "^(?=.{1,300}$)(https://(?!.*[.][.])[a-z0-9]([a-z0-9.-]*[a-z0-9])?|"
    "http://(127[.]0[.]0[.]1|localhost))(:[1-9][0-9]{0,4})?"
    "(/[A-Za-z0-9._~-]+)*$";
// A year of 1900 or later and a day of it, or 29 February of a leap year.
inline constexpr char kDayRegex[] =
    "^((19|[2-9][0-9])[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|"
    "(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|"
    "((19|[2-9][0-9])(0[48]|[2468][048]|[13579][26])|"
    "([2468][048]|[3579][26])00)-02-29)$";

// Keys stay in the order in which they are put in.
using SchemaJson = nlohmann::ordered_json;

// The value under one key of a map.
struct Member {
  SchemaJson schema;
  bool required = false;
};
using Members = std::vector<std::pair<std::string, Member>>;

Member Required(SchemaJson schema, absl::string_view description);
Member Optional(SchemaJson schema, absl::string_view description);

// A map of these keys and no others.
SchemaJson MapOf(Members members);
// A map of any names to `value`.
SchemaJson MapTo(SchemaJson value);
// A map of `min` to `max` entries, whose keys match the expression `names`.
SchemaJson EntriesOf(const char* names, SchemaJson value, size_t min,
                     size_t max);
SchemaJson ItemsOf(SchemaJson item, size_t min, size_t max);

SchemaJson Matching(const char* regex);
SchemaJson TextSchema(size_t min, size_t max);  // one line, in characters
SchemaJson LineSchema();
SchemaJson IntegerSchema(int64_t min, int64_t max);
SchemaJson DaySchema();
SchemaJson BooleanSchema();
SchemaJson OneOfWords(const std::vector<std::string>& words);
// Lists without repeats.
SchemaJson Lines(size_t min, size_t max);
SchemaJson Names(const char* regex, size_t min, size_t max);
SchemaJson Unique(SchemaJson item, size_t min, size_t max);

template <typename Enum>
std::vector<std::string> WordsOf() {
  std::vector<std::string> words;
  for (const auto& [word, value] : AllWords<Enum>()) words.emplace_back(word);
  return words;
}
template <typename Enum>
SchemaJson WordOfSchema() {
  return OneOfWords(WordsOf<Enum>());
}

// The larger parts of a document.
SchemaJson ListSchema();
SchemaJson DatasetSchema();
SchemaJson FlowSchema();

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_JSON_SCHEMA_PARTS_H_
