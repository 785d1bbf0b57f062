// One version of an agreement, indexed for decisions.
#ifndef ENTENTE_POLICY_COMPILED_AGREEMENT_H_
#define ENTENTE_POLICY_COMPILED_AGREEMENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "crypto/sha.h"
#include "policy/agreement.h"
#include "policy/decision_table.h"

namespace entente::policy {

// Immutable and thread-safe. Memory is linear in the document.
class CompiledAgreement {
  struct Token {};  // only Create has one

 public:
  // Compiles a document that passed its checks (policy/check.h). `digest` is
  // the SHA-256 of its canonical form. InvalidArgument if it has more parties
  // than the 40 that the checks allow.
  static absl::StatusOr<std::shared_ptr<const CompiledAgreement>> Create(
      Agreement agreement, const crypto::Hash& digest);

  CompiledAgreement(Token token, std::unique_ptr<const Agreement> agreement,
                    const crypto::Hash& digest);
  CompiledAgreement(const CompiledAgreement&) = delete;
  CompiledAgreement& operator=(const CompiledAgreement&) = delete;

  const Agreement& document() const { return *document_; }
  const crypto::Hash& digest() const { return digest_; }
  absl::Time from() const { return from_; }
  absl::Time until() const { return until_; }
  // From then on a review is overdue (policy/review.h), and nothing is allowed.
  absl::Time overdue() const { return overdue_; }
  const DecisionTable& table() const { return table_; }
  bool IsParty(absl::string_view agency) const {
    return table_.HasParty(agency);
  }

 private:
  // What decisions read comes first, together.
  const absl::Time from_;
  const absl::Time until_;
  const absl::Time overdue_;
  const DecisionTable table_;  // borrows the document
  const std::unique_ptr<const Agreement> document_;
  const crypto::Hash digest_;
};

}  // namespace entente::policy

#endif  // ENTENTE_POLICY_COMPILED_AGREEMENT_H_
