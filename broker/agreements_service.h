// Sharing agreements: proposed, signed, in force, suspended, left.
#ifndef ENTENTE_BROKER_AGREEMENTS_SERVICE_H_
#define ENTENTE_BROKER_AGREEMENTS_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "broker/context.h"
#include "broker/overdue_notes.h"
#include "broker/rpc/caller.h"
#include "certs/agreement_act.h"
#include "entente/v1/agreements.pb.h"
#include "policy/agreement.h"

namespace entente::broker {

inline constexpr size_t kMaxDocumentBytes = 256 << 10;
inline constexpr size_t kMaxAgreementEnvelopeBytes = 512 << 10;
inline constexpr size_t kMaxActEnvelopeBytes = 64 << 10;
// Rows in a page of any list.
inline constexpr int kMaxPage = 500;
inline constexpr int kDefaultPage = 100;

// `asked` rows, kDefaultPage for 0 and no more than kMaxPage. BAD_REQUEST for a
// negative number.
absl::StatusOr<int> PageSize(int asked);

// The service of proto/entente/v1/agreements.proto, which lists the errors.
// Parties and overseers of any version may read an agreement, up to the last
// version that names them; for everyone else it does not exist. Thread-safe;
// every method blocks.
class AgreementsService {
 public:
  explicit AgreementsService(const Context& context) : context_(context) {}

  absl::Status Propose(const Caller& caller,
                       const v1::ProposeAgreementRequest& request,
                       v1::ProposeAgreementResponse* response);
  // A line that the same key has filled already stays as it is, and the answer
  // is that of the first time.
  absl::Status Sign(const Caller& caller,
                    const v1::SignAgreementRequest& request,
                    v1::SignAgreementResponse* response);
  // Each of these three is in force for the next decision when it returns, and
  // has woken the open streams. The same act again gets the first answer. Of
  // two acts at once the second meets the state that the first made.
  absl::Status Suspend(const Caller& caller,
                       const v1::SuspendAgreementRequest& request,
                       v1::SuspendAgreementResponse* response);
  absl::Status Resume(const Caller& caller,
                      const v1::ResumeAgreementRequest& request,
                      v1::ResumeAgreementResponse* response);
  absl::Status Withdraw(const Caller& caller,
                        const v1::WithdrawAgreementRequest& request,
                        v1::WithdrawAgreementResponse* response);
  absl::Status Get(const Caller& caller, const v1::GetAgreementRequest& request,
                   v1::GetAgreementResponse* response);
  absl::Status List(const Caller& caller,
                    const v1::ListAgreementsRequest& request,
                    v1::ListAgreementsResponse* response);
  absl::Status GetManifest(const Caller& caller,
                           const v1::GetManifestRequest& request,
                           v1::GetManifestResponse* response);

  // See broker/activation.h. After a signature, after a bundle; once a second
  // and at start. ActivateDue also notes the reviews that have become overdue.
  absl::StatusOr<bool> TryActivate(absl::string_view id, uint32_t version);
  absl::Status ActivateDue();

 private:
  // Records a refusal in the agreement's ledger if the caller is a party of it,
  // in the broker's otherwise. A failure that is no refusal is returned as it
  // is.
  absl::Status Refused(const Caller& caller, policy::LedgerEntry entry,
                       const absl::Status& refusal) const;
  // Whether the certificate was revoked since the gate let the call in.
  static absl::Status CheckNotRevoked(Transaction& transaction,
                                      const Caller& caller,
                                      const std::string& fingerprint);
  // NOT_FOUND (NO_AGREEMENT), recorded, if the caller may not read it.
  absl::Status Admit(const Caller& caller, const std::string& id) const;
  absl::Status CheckProposal(const Caller& caller,
                             const policy::Agreement& document) const;
  absl::StatusOr<std::vector<PendingEntry>> WriteProposal(
      Transaction& transaction, const Caller& caller,
      const policy::Agreement& document, absl::string_view bytes,
      const policy::LedgerEntry& entry) const;
  absl::StatusOr<std::vector<PendingEntry>> WriteSignature(
      Transaction& transaction, const Caller& caller,
      const policy::CompiledAgreement& agreement,
      const v1::SignAgreementRequest& request,
      const policy::LedgerEntry& entry) const;
  absl::Status Act(const Caller& caller, const std::string& id,
                   absl::string_view envelope, policy::EntryKind kind,
                   std::string* state, v1::Receipt* receipt);
  // Sets `earlier`, and writes nothing, if the same act stands.
  absl::StatusOr<std::vector<PendingEntry>> WriteAct(
      Transaction& transaction, const Caller& caller,
      const certs::SignedAct& signed_act, absl::string_view envelope,
      const policy::LedgerEntry& entry,
      absl::optional<uint64_t>* earlier) const;
  // The acts that stand for `version`, with their receipts.
  absl::Status FillActs(const std::string& id, uint32_t version,
                        v1::GetAgreementResponse* response) const;

  const Context context_;
  OverdueNotes overdue_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_AGREEMENTS_SERVICE_H_
