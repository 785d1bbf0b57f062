// Calls that the command would not make, from the library under it.
#ifndef ENTENTE_TESTS_END_TO_END_WIRE_H_
#define ENTENTE_TESTS_END_TO_END_WIRE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/agreement_act.h"
#include "certs/signed_document.h"
#include "client/batch_builder.h"
#include "client/error.h"
#include "client/send_plan.h"

namespace entente::end_to_end {

// Every call is made as the owner of the profile in `folder`, and returns what
// the broker said; `what` is empty if it agreed.

// Prepares one batch of one record as a system may send it, lets `alter` change
// its route and record, seals and signs it in earnest, and sends it.
client::Failure SendCrafted(
    const std::string& folder, const std::string& agreement,
    const client::SendRequest& request,
    const std::function<void(client::BatchRoute*, client::OutgoingRecord*)>&
        alter);

client::Failure ProposeRaw(const std::string& folder,
                           const std::string& document);

// Version 1 of `agreement`, with any envelope.
client::Failure SignRaw(const std::string& folder, const std::string& agreement,
                        const std::string& envelope);

// `payload` signed as a document of `type`, with the profile's certificate.
std::string EnvelopeBy(const std::string& folder, absl::string_view payload,
                       absl::string_view type = certs::kAgreementType);

// `act`, signed with the profile's certificate now, whoever it names, by the
// call for acts of its kind.
client::Failure ActRaw(const std::string& folder, certs::AgreementAct act);

// A pepper that nobody holds, left by the profile's agency for `to`, sealed to
// no key of it.
client::Failure PutPepperRaw(const std::string& folder,
                             const std::string& agreement,
                             const std::string& to);

// Revokes the certificate of the profile `whose`.
client::Failure RevokeRaw(const std::string& folder, const std::string& agency,
                          const std::string& whose);

// A `Receive` that stays open. Not thread-safe.
class FollowedStream {
 public:
  FollowedStream(const std::string& folder, const std::string& agreement,
                 absl::Duration patience);
  ~FollowedStream();

  // Reads up to the end of one batch: then the broker has the stream open.
  bool ReadBatch();
  // When it ended, and how.
  std::pair<absl::Time, client::Failure> ReadToTheEnd();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace entente::end_to_end

#endif  // ENTENTE_TESTS_END_TO_END_WIRE_H_
