#include "policy/compiled_agreement.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "policy/review.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxParties = 40;

}  // namespace

absl::StatusOr<std::shared_ptr<const CompiledAgreement>>
CompiledAgreement::Create(Agreement agreement, const crypto::Hash& digest) {
  if (agreement.parties.size() > kMaxParties) {
    return absl::InvalidArgumentError(absl::StrCat("agreement ", agreement.id,
                                                   " has more than ",
                                                   kMaxParties, " parties"));
  }
  // In one piece with its count of references, which every decision touches.
  return std::make_shared<const CompiledAgreement>(
      Token(), std::make_unique<const Agreement>(std::move(agreement)), digest);
}

CompiledAgreement::CompiledAgreement(Token /*token*/,
                                     std::unique_ptr<const Agreement> agreement,
                                     const crypto::Hash& digest)
    : from_(agreement->valid.FromInstant()),
      until_(agreement->valid.UntilInstant()),
      overdue_(ReviewsOf(*agreement).front().Overdue()),
      table_(*agreement),
      document_(std::move(agreement)),
      digest_(digest) {}

}  // namespace entente::policy
