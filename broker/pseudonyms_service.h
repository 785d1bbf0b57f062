// Blind enrolment, and the messages that carry peppers between parties.
#ifndef ENTENTE_BROKER_PSEUDONYMS_SERVICE_H_
#define ENTENTE_BROKER_PSEUDONYMS_SERVICE_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "broker/context.h"
#include "broker/manifests_in_force.h"
#include "broker/rpc/caller.h"
#include "broker/store/enrolment_table.h"
#include "broker/store/pepper_table.h"
#include "crypto/group.h"
#include "crypto/pepper.h"
#include "entente/v1/pseudonyms.pb.h"
#include "policy/compiled_agreement.h"

namespace entente::broker {

// The Pseudonyms service of pseudonyms.proto, which lists its errors. Refusals
// are in a ledger. Thread-safe; every call blocks.
class PseudonymsService {
 public:
  explicit PseudonymsService(const Context* context) : context_(*context) {}

  // 116 us an element.
  absl::Status Enrol(const Caller& caller, const v1::EnrolRequest& request,
                     v1::EnrolResponse* response);
  absl::Status PutPepper(const Caller& caller,
                         const v1::PutPepperRequest& request,
                         v1::PutPepperResponse* response);
  absl::Status GetPepper(const Caller& caller,
                         const v1::GetPepperRequest& request,
                         v1::GetPepperResponse* response);

 private:
  using Agreement = std::shared_ptr<const policy::CompiledAgreement>;

  absl::StatusOr<Agreement> CheckState(const Caller& caller,
                                       absl::string_view agreement,
                                       int64_t version) const;
  absl::Status DoEnrol(const Caller& caller, const v1::EnrolRequest& request,
                       v1::EnrolResponse* response);
  absl::Status DoPut(const Caller& caller, const v1::PutPepperRequest& request,
                     const crypto::PepperMessage& message,
                     v1::PutPepperResponse* response);
  absl::Status DoGet(const Caller& caller, const v1::GetPepperRequest& request,
                     v1::GetPepperResponse* response);
  // What a new request gets: elements and proof go into `row`. A repeated one's
  // stored answer takes its place, with its entry.
  absl::Status Answer(Transaction& transaction, const v1::EnrolRequest& request,
                      EnrolmentRow* row);
  absl::Status Evaluate(const crypto::SecretScalar& key,
                        const crypto::Point& domain_key,
                        absl::Span<const crypto::Point> blinded,
                        EnrolmentRow* row) const;
  absl::StatusOr<std::vector<PendingEntry>> StoreEnrolment(
      Transaction& transaction, const Caller& caller,
      const v1::EnrolRequest& request, const EnrolmentRow& row);
  absl::StatusOr<std::vector<PendingEntry>> StorePepper(
      Transaction& transaction, const Caller& caller,
      const v1::PutPepperRequest& request,
      const crypto::PepperMessage& message);
  absl::Status CheckPepper(Transaction& transaction, const Caller& caller,
                           const v1::PutPepperRequest& request,
                           const crypto::PepperMessage& message,
                           uint32_t version);

  const Context& context_;
  ManifestsInForce manifests_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_PSEUDONYMS_SERVICE_H_
