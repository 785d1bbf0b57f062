// A diff of two versions as text for the person who is to sign.
#ifndef ENTENTE_POLICY_DIFF_WORDS_H_
#define ENTENTE_POLICY_DIFF_WORDS_H_

#include <array>
#include <cstddef>
#include <string>

#include "crypto/sha.h"
#include "policy/diff.h"

namespace entente::policy {

// How many changes there are of each kind, in the order of ChangeKind.
std::array<size_t, 5> CountKinds(const AgreementDiff& diff);

// `2 newly allowed, 1 wider`, without the kinds of which there is none; `no
// change in effect` if there is no change.
std::string KindsInWords(const AgreementDiff& diff);

// `NEWLY ALLOWED`.
absl::string_view KindInWords(ChangeKind kind);

// `crimes from north-police to west-police, for analysis`.
std::string BoxInWords(const std::string& dataset, const RouteBox& box);

// `diff`, which is Diff's of the two, as lines of at most 80 columns: a
// summary, then flow by flow, then what is about the whole agreement. Text of
// the documents is made printable.
std::string DiffInWords(const Agreement& before, const Agreement& after,
                        const AgreementDiff& diff);

// What stands for that text where a signatory says that it was shown: its
// SHA-256. Another release may word the same change in another way.
crypto::Hash DiffDigest(const Agreement& before, const Agreement& after);

// The same for an agreement that is new, or gone, with the diff that
// DiffRegisters has.
std::string PresenceInWords(const Agreement& agreement,
                            const AgreementDiff& diff);

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_DIFF_WORDS_H_
