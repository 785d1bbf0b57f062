// An agreement in plain English, for the person who is to sign it.
#ifndef ENTENTE_POLICY_PLAIN_WORDS_H_
#define ENTENTE_POLICY_PLAIN_WORDS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/agreement.h"
#include "policy/text_page.h"

namespace entente::policy {

// What a signatory is shown: the digest of `canonical`, and every clause that
// those bytes hold, wrapped at 80 columns. It is never made from the author's
// file, whose comments nobody signs. Text of the document is made printable.
// InvalidArgument if `canonical` is not the canonical form of an agreement
// (policy/canonical.h).
absl::StatusOr<std::string> PlainWordsOfSigned(absl::string_view canonical);

// The same for an agreement that is already read; `digest` is that of its
// canonical form, in hexadecimal.
std::string PlainWords(const Agreement& agreement, absl::string_view digest);

// The parts about data, for PlainWords.
void PrintDatasets(const Agreement& agreement, TextPage* page);
void PrintFlows(const Agreement& agreement, TextPage* page);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_PLAIN_WORDS_H_
