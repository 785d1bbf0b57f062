// What a sending is allowed to hold, and with which keys.
#ifndef ENTENTE_CLIENT_SEND_PLAN_H_
#define ENTENTE_CLIENT_SEND_PLAN_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/batch_builder.h"
#include "client/knowledge_table.h"
#include "client/verified_agreement.h"
#include "policy/break_glass.h"
#include "policy/day_shift.h"
#include "policy/release.h"

namespace entente::client {

// What the caller asked for.
struct SendRequest {
  std::string sender;
  std::string recipient;
  std::string flow;
  std::string purpose;
  std::string method;
  std::map<std::string, std::string> accompanying;
  // The break-glass grant that it is made under, verified.
  std::optional<policy::Grant> grant = std::nullopt;
};

struct SendPlan {
  policy::RowPlan rows;
  BatchRoute route;
};

// The recipients of `flow` when `sender` sends: all of `to` but itself.
std::vector<std::string> RecipientsOf(const policy::Flow& flow,
                                      const std::string& sender);

// Takes every field that the flow releases, and under a grant those that it
// opens, as they are. Whether the request as such is
// allowed is the broker's to decide and to record; but where an overarching
// agreement has a say about rows, one that is not allowed ends here.
//
// The code NO_FLOW (exit 3), naming the flows, if there is no such flow;
// KEY_UNKNOWN if the verified keys have no way from sender to recipient;
// BUNDLE_EXPIRED if the keys of one of them are over by `now`; as
// RowPlan::Create, with the profile's `shift` if the flow shifts days.
absl::StatusOr<SendPlan> PlanSending(
    const VerifiedAgreement& verified, const KeptCheckpoint& view,
    absl::Time now, const SendRequest& request,
    std::shared_ptr<const policy::DayShift> shift = nullptr);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_SEND_PLAN_H_
