// Sharing agreements: proposed, signed, in force.
#ifndef ENTENTE_BROKER_AGREEMENTS_SERVICE_H_
#define ENTENTE_BROKER_AGREEMENTS_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/context.h"
#include "broker/rpc/caller.h"
#include "entente/v1/agreements.pb.h"
#include "policy/agreement.h"

namespace entente::broker {

inline constexpr size_t kMaxDocumentBytes = 256 << 10;
inline constexpr size_t kMaxAgreementEnvelopeBytes = 512 << 10;
// Rows in a page of any list.
inline constexpr int kMaxPage = 500;
inline constexpr int kDefaultPage = 100;

// `asked` rows, kDefaultPage for 0 and no more than kMaxPage. BAD_REQUEST for a
// negative number.
absl::StatusOr<int> PageSize(int asked);

// `proposed`, `signed`, `active` or `expired`, as version `version` of `record`
// stands at `now`: active as long as it may be used, so also while a later
// version lets it go on; expired once it is over, terminated or superseded.
absl::string_view StateName(const policy::AgreementRecord& record,
                            int64_t version, absl::Time now);

// The service of proto/entente/v1/agreements.proto, which lists the errors.
// Parties and overseers of any version may read an agreement; for everyone else
// it does not exist. Thread-safe; every method blocks.
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
  absl::Status Get(const Caller& caller, const v1::GetAgreementRequest& request,
                   v1::GetAgreementResponse* response);
  absl::Status List(const Caller& caller,
                    const v1::ListAgreementsRequest& request,
                    v1::ListAgreementsResponse* response);
  absl::Status GetManifest(const Caller& caller,
                           const v1::GetManifestRequest& request,
                           v1::GetManifestResponse* response);

  // See broker/activation.h. After a signature, after a bundle; once a second
  // and at start.
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
      const policy::CompiledAgreement& agreement, absl::string_view envelope,
      const policy::LedgerEntry& entry) const;

  const Context context_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_AGREEMENTS_SERVICE_H_
