// Agencies, their roots and key bundles, and what is revoked.
#ifndef ENTENTE_BROKER_DIRECTORY_SERVICE_H_
#define ENTENTE_BROKER_DIRECTORY_SERVICE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/agreements_service.h"
#include "broker/context.h"
#include "broker/rpc/caller.h"
#include "broker/store/agencies_table.h"
#include "broker/store/keys_table.h"
#include "certs/key_bundle.h"
#include "entente/v1/directory.pb.h"

namespace entente::broker {

inline constexpr size_t kMaxRootPemBytes = 16 << 10;
inline constexpr size_t kMaxBundleEnvelopeBytes = 64 << 10;

// The service of proto/entente/v1/directory.proto, which lists the errors.
// Thread-safe; every method blocks.
class DirectoryService {
 public:
  // The broker began to serve when this is made.
  DirectoryService(const Context& context, AgreementsService* agreements);

  absl::Status GetStatus(const Caller& caller,
                         const v1::GetStatusRequest& request,
                         v1::GetStatusResponse* response);
  absl::Status AddAgency(const Caller& caller,
                         const v1::AddAgencyRequest& request,
                         v1::AddAgencyResponse* response);
  absl::Status ListAgencies(const Caller& caller,
                            const v1::ListAgenciesRequest& request,
                            v1::ListAgenciesResponse* response);
  // Takes back what the certificate signed on versions that are not in force,
  // in the same transaction.
  absl::Status RevokeCertificate(const Caller& caller,
                                 const v1::RevokeCertificateRequest& request,
                                 v1::RevokeCertificateResponse* response);
  // Renews the manifests of the agency's active agreements in the same
  // transaction, and puts in force what waited for this bundle.
  absl::Status PublishKeyBundle(const Caller& caller,
                                const v1::PublishKeyBundleRequest& request,
                                v1::PublishKeyBundleResponse* response);
  absl::Status GetKeyBundle(const Caller& caller,
                            const v1::GetKeyBundleRequest& request,
                            v1::GetKeyBundleResponse* response);

 private:
  absl::Status Refused(policy::LedgerEntry entry,
                       const absl::Status& refusal) const;
  // Runs a job whose first entry is `entry` in the broker's ledger.
  template <typename Work>
  absl::StatusOr<Receipt> Record(const Caller& caller,
                                 const policy::LedgerEntry& entry,
                                 const Work& work) const;

  const Context context_;
  AgreementsService& agreements_;
  const absl::Time start_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_DIRECTORY_SERVICE_H_
