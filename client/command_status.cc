#include "client/command_status.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/connected.h"

namespace entente::client {
namespace {

Record Describe(const v1::AgreementSummary& agreement) {
  return {{"agreement", agreement.agreement()},
          {"version", int64_t{agreement.version()}},
          {"state", agreement.state()},
          {"until", TimeText(agreement.until_time())},
          {"waiting_batches", agreement.waiting_batches()},
          {"ledger_size", agreement.ledger_size()}};
}

absl::Status Status(Session& session) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const ProfileSettings& settings = connected->profile.settings();
  const auto response =
      Call(connected->link->directory(), &v1::Directory::Stub::GetStatus,
           v1::GetStatusRequest());
  if (!response.ok()) return response.status();
  const bool matches = response->broker() == settings.broker_name &&
                       crypto::AsBytes(response->ledger_key()) ==
                           absl::MakeConstSpan(settings.ledger_key);
  const absl::Duration left =
      connected->link->chain().front().NotAfter() - absl::Now();
  std::vector<Value> agreements;
  for (const v1::AgreementSummary& agreement : response->agreements()) {
    agreements.emplace_back(Describe(agreement));
  }
  session.out().Print({{"broker", response->broker()},
                       {"version", response->version()},
                       {"broker_time", TimeText(response->broker_time())},
                       {"caller", response->caller()},
                       {"ledger_key_matches", matches},
                       {"certificate_days", absl::ToInt64Hours(left) / 24},
                       {"broker_ledger_size", response->broker_ledger_size()},
                       {"agreements", std::move(agreements)}});
  if (matches) return absl::OkStatus();
  return VerificationError(
      "the broker is not the one of this profile",
      "its name or its ledger key is another than the profile's");
}

}  // namespace

void RegisterStatusCommand(Command& root) {
  root.Sub("status", "Whether the broker answers, and what waits for you",
           "entente status")
      .Does(Effect::kReads, Prints::kOne, Status);
}

}  // namespace entente::client
