#ifndef ENTENTE_POLICY_TEXT_H_
#define ENTENTE_POLICY_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"

// What text in an agreement may be made of, and the patterns of its names.
namespace entente::policy {

// Where text is not what two readers would see alike.
struct TextFault {
  size_t offset = 0;    // in bytes
  std::string message;  // such as "U+200B is invisible"
};

// The first fault of `text`, or nothing. Text is UTF-8 in NFC, without
// control, bidirectional, zero-width, private or unassigned characters, and
// with no white space but U+0020. The name of a fault shows no character of
// the text.
std::optional<TextFault> FindFault(absl::string_view text);

// Code points in `text`, which is UTF-8.
size_t CountCharacters(absl::string_view text);

// A kind of word, with the words that an error uses for what is right.
struct Pattern {
  bool (*matches)(absl::string_view);
  absl::string_view allowed;
};

extern const Pattern kSlug;             // [a-z][a-z0-9-]{1,60}
extern const Pattern kFieldName;        // [a-z][a-z0-9_]{1,60}
extern const Pattern kAgreementId;      // isa-[a-z0-9-]{3,60}
extern const Pattern kHexDigest;        // 64 lower-case hex digits
extern const Pattern kDefinition;       // [a-z0-9.-]+/[0-9]+, at most 80
extern const Pattern kScheme;           // of an identifier, see Dataset
extern const Pattern kHostName;         // lower-case DNS name, at most 253
extern const Pattern kCertificateName;  // [A-Za-z0-9._-]{1,64}
extern const Pattern kLedgerKey;        // base64 of 32 bytes, with padding
extern const Pattern kWitnessKey;       // the form of a verifier key of type 4
extern const Pattern kWitnessUrl;       // see NamedWitness, at most 300

// A whole number as the canonical form writes it: no sign but one '-', no
// leading zeros, at most 15 digits. Nothing if `text` is anything else.
std::optional<int64_t> ParseInteger(absl::string_view text);

// `YYYY-MM-DD`, a day that exists, from 1900 on. Nothing otherwise.
std::optional<absl::CivilDay> ParseDay(absl::string_view text);

// `true` or `false`. Nothing otherwise.
std::optional<bool> ParseBoolean(absl::string_view text);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_TEXT_H_
