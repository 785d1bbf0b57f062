#ifndef ENTENTE_POLICY_WORDS_H_
#define ENTENTE_POLICY_WORDS_H_

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "policy/agreement.h"

// The closed vocabularies of the document: one table for reading and printing.
namespace entente::policy {

template <typename Enum>
using Words = absl::Span<const std::pair<absl::string_view, Enum>>;

// All words for `Enum`, in the order in which an error names them. Defined for
// every enumeration of agreement.h.
template <typename Enum>
Words<Enum> AllWords();

template <>
Words<Capacity> AllWords();
template <>
Words<Regime> AllWords();
template <>
Words<AgreementKind> AllWords();
template <>
Words<Children> AllWords();
template <>
Words<Method> AllWords();
template <>
Words<Requirement> AllWords();
template <>
Words<FieldType> AllWords();
template <>
Words<Transform> AllWords();
template <>
Words<RetentionStart> AllWords();
template <>
Words<RetentionEnd> AllWords();
template <>
Words<OnwardRule> AllWords();
template <>
Words<SuspendRight> AllWords();
template <>
Words<JustificationRule> AllWords();
template <>
Words<Publish> AllWords();
template <>
Words<Proof> AllWords();
template <>
Words<DomainRole> AllWords();
template <>
Words<Witness> AllWords();

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_WORDS_H_
