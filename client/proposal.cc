#include "client/proposal.h"

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "client/rpc/receipts.h"

namespace entente::client {

absl::StatusOr<VerifiedReceipt> CheckReceiptOf(
    const Profile& profile, const v1::Receipt& receipt, policy::EntryKind kind,
    const std::string& agreement, uint32_t version, const std::string& digest) {
  auto verified = VerifyReceipt(profile, agreement, receipt, kind);
  if (!verified.ok()) return verified;
  if (verified->entry.agreement != agreement ||
      verified->entry.version != version || verified->entry.digest != digest) {
    return VerificationError(
        "the broker recorded something else",
        absl::StrCat(verified->entry.agreement, " version ",
                     verified->entry.version));
  }
  return verified;
}

absl::StatusOr<Record> ProposeDocument(const Connected& connected,
                                       const policy::Agreement& agreement,
                                       const std::string& canonical,
                                       const std::string& digest) {
  v1::ProposeAgreementRequest request;
  request.set_document(canonical);
  const auto response = Call(connected.link->agreements(),
                             &v1::Agreements::Stub::ProposeAgreement, request);
  if (!response.ok()) return response.status();
  const auto receipt =
      CheckReceiptOf(connected.profile, response->receipt(),
                     policy::EntryKind::kAgreementProposed, agreement.id,
                     static_cast<uint32_t>(agreement.version), digest);
  if (!receipt.ok()) return receipt.status();
  return Record{{"agreement", agreement.id},
                {"version", agreement.version},
                {"digest", digest},
                {"ledger", response->receipt().ledger()},
                {"entry", receipt->index}};
}

}  // namespace entente::client
