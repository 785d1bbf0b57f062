#include "client/entente.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "certs/tls_policy.h"
#include "client/cell_check.h"
#include "client/dealings.h"
#include "client/delivery.h"
#include "client/enrolment.h"
#include "client/error.h"
#include "client/follower.h"
#include "client/pepper_exchange.h"
#include "client/receiver.h"
#include "client/rpc/call_limits.h"
#include "client/send_plan.h"
#include "client/sender.h"
#include "client/sending.h"
#include "client/verified_grant.h"
#include "crypto/hex.h"
#include "crypto/scheme.h"

namespace entente::client {
namespace {

absl::Status PrepareProcess() {
  static const auto* const status = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    return new absl::Status(certs::ApplyTlsPolicy());
  }();
  return *status;
}

// One call's worth of everything open.
struct Open {
  std::unique_ptr<LocalStore> store;
  std::unique_ptr<BrokerLink> link;
  VerifiedAgreement verified;
  std::unique_ptr<LedgerView> view;
};

absl::StatusOr<Open> OpenAgreement(const Profile& profile,
                                   const std::string& agreement) {
  auto store = LocalStore::Open(profile);
  if (!store.ok()) return store.status();
  auto link = BrokerLink::Open(profile);
  if (!link.ok()) return link.status();
  auto verified = FetchVerified(**link, profile, &(*store)->knowledge(),
                                agreement, /*version=*/0);
  if (!verified.ok()) return verified.status();
  const auto key = LedgerKey(profile, verified->id());
  if (!key.ok()) return key.status();
  auto view = std::make_unique<LedgerView>(&(*store)->knowledge(),
                                           verified->id(), *key);
  return Open{*std::move(store), *std::move(link), *std::move(verified),
              std::move(view)};
}

struct People {
  std::vector<Enrollee> rows;
  std::vector<RefusedRow> refused;
};

People Canonical(const crypto::Scheme& scheme,
                 const std::vector<Person>& people) {
  People result;
  for (size_t i = 0; i < people.size(); ++i) {
    const Person& person = people[i];
    if (person.reference.empty() || !CellProblem(person.reference).empty()) {
      result.refused.push_back({i, "", "the reference is missing or bad"});
      continue;
    }
    const std::vector<absl::string_view> raw(person.identifier.begin(),
                                             person.identifier.end());
    absl::StatusOr<std::string> identifier =
        raw.size() == scheme.columns()
            ? crypto::Canonicalise(scheme, raw)
            : absl::InvalidArgumentError(
                  absl::StrCat("an identifier of ", scheme.name, " has ",
                               scheme.columns(), " parts"));
    if (!identifier.ok()) {
      result.refused.push_back(
          {i, "", std::string(identifier.status().message())});
      continue;
    }
    result.rows.push_back({*std::move(identifier), person.reference});
  }
  return result;
}

// The rows as a file of them would be; row numbers count from 1 there.
absl::StatusOr<RowBlock> AsBlock(const Shipment& shipment) {
  if (absl::Status named = CheckColumns(shipment.columns); !named.ok()) {
    return named;
  }
  RowBlock block;
  block.columns = shipment.columns;
  block.count = shipment.rows.size();
  block.last = true;
  for (size_t i = 0; i < shipment.rows.size(); ++i) {
    const std::vector<std::string>& cells = shipment.rows[i];
    const uint64_t number = i + 1;
    size_t bad = 0;
    if (cells.size() != block.columns.size()) {
      block.bad.push_back({number, number, "",
                           absl::StrCat("it has ", cells.size(), " cells, not ",
                                        block.columns.size())});
      continue;
    }
    for (size_t c = 0; c < cells.size(); ++c) {
      const std::string problem = CellProblem(cells[c]);
      if (problem.empty()) continue;
      ++bad;
      block.bad.push_back({number, number, block.columns[c], problem});
    }
    if (bad == 0) block.rows.push_back({number, number, cells});
  }
  return block;
}

void AddRefused(const std::vector<BadRow>& bad,
                std::vector<RefusedRow>* refused) {
  for (const BadRow& row : bad) {
    refused->push_back(
        {static_cast<size_t>(row.number) - 1, row.column, row.reason});
  }
}

// In order of the rows; what is wrong for every recipient is told once.
void Tidy(std::vector<RefusedRow>* refused) {
  std::sort(refused->begin(), refused->end());
  refused->erase(std::unique(refused->begin(), refused->end()), refused->end());
}

SentShipment::Batch Describe(const SentBatch& sent) {
  return {crypto::ToHex(sent.batch_id), sent.recipient, sent.records,
          sent.entry, sent.ledger};
}

std::vector<std::string> Recipients(const Dealings& dealings,
                                    const Shipment& shipment) {
  const policy::Flow* flow = dealings.verified.FindFlow(shipment.flow);
  // Planning says what is wrong with an unknown flow.
  if (!shipment.to.empty() || flow == nullptr) return {shipment.to};
  return RecipientsOf(*flow, dealings.profile.settings().agency);
}

absl::Status SendToAll(const Dealings& dealings, Shipment shipment,
                       const RowBlock& block, SentShipment* result) {
  std::optional<policy::Grant> grant;
  if (!shipment.break_glass.empty()) {
    auto named = GrantToSendUnder(dealings.link, dealings.profile,
                                  &dealings.store.knowledge(),
                                  dealings.verified, shipment.break_glass);
    if (!named.ok()) return named.status();
    grant = *std::move(named);
    if (shipment.to.empty()) shipment.to = grant->recipient;
    shipment.accompanying.emplace("case_reference", grant->case_reference);
  }
  if (absl::Status s = PassPepperOn(dealings); !s.ok()) return s;
  auto unfinished = SendUnfinished(dealings);
  if (!unfinished.ok()) return unfinished.status();
  for (const DroppedBatch& batch : unfinished->dropped) {
    result->dropped.push_back({crypto::ToHex(batch.batch_id), batch.recipient,
                               batch.records, batch.why});
  }
  SendTotals totals;
  totals.batches = std::move(unfinished->sent);
  for (const std::string& recipient : Recipients(dealings, shipment)) {
    SendingOptions options;
    options.request = {dealings.profile.settings().agency,
                       recipient,
                       shipment.flow,
                       shipment.purpose,
                       shipment.method,
                       shipment.accompanying};
    options.request.grant = grant;
    options.map = shipment.map;
    options.again = shipment.again;
    const auto sending = Sending::Begin(dealings, options, &totals);
    if (!sending.ok()) return sending.status();
    std::vector<BadRow> bad;
    absl::Status done = (*sending)->Add(block, &bad);
    if (done.ok()) done = (*sending)->Finish();
    if (!done.ok()) return done;
    AddRefused(bad, &result->refused);
  }
  for (const SentBatch& batch : totals.batches) {
    result->batches.push_back(Describe(batch));
  }
  result->sent_before = totals.sent_before;
  return absl::OkStatus();
}

}  // namespace

struct System::Parts {
  explicit Parts(Profile of) : profile(std::move(of)) {}

  // Runs `body` under `limits`; whatever failed because of them says so.
  absl::Status Run(const Limits& limits,
                   const std::function<absl::Status()>& body) {
    const absl::Time deadline = absl::Now() + limits.timeout;
    const CallLimits of_thread(deadline, limits.cancellation);
    const auto is_cancelled = [&] {
      return limits.cancellation != nullptr && limits.cancellation->cancelled();
    };
    if (is_cancelled()) return absl::CancelledError("the call was cancelled");
    absl::Status done = body();
    if (done.ok()) return done;
    if (is_cancelled()) return absl::CancelledError("the call was cancelled");
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("not done within ", absl::FormatDuration(limits.timeout),
                       ": ", done.message()));
    }
    return done;
  }

  const Profile profile;
  // Talk is for people at a terminal.
  std::ostream nowhere{nullptr};
  Output output{&nowhere, &nowhere, Format::kJson, /*quiet=*/true};
};

System::System(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
System::~System() = default;

absl::StatusOr<std::unique_ptr<System>> System::Open(
    const std::string& profile) {
  if (absl::Status ready = PrepareProcess(); !ready.ok()) return ready;
  absl::StatusOr<Profile> opened = Profile::Open(profile);
  if (!opened.ok()) return opened.status();
  if (opened->settings().role != ProfileRole::kSystem) {
    return UsageError(
        absl::StrCat(profile, " is the profile of no agency's system"),
        "open the profile that entente profile init made for the system");
  }
  return std::unique_ptr<System>(
      new System(std::make_unique<Parts>(*std::move(opened))));
}

absl::StatusOr<Enrolled> System::Enrol(const Enrolment& enrolment,
                                       const Limits& limits) {
  const absl::StatusOr<crypto::Scheme> scheme =
      crypto::ParseScheme(enrolment.scheme);
  if (!scheme.ok()) {
    return UsageError(std::string(scheme.status().message()),
                      "nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE");
  }
  People people = Canonical(*scheme, enrolment.people);
  Enrolled result;
  const absl::Status done = parts_->Run(limits, [&]() -> absl::Status {
    const auto open = OpenAgreement(parts_->profile, enrolment.agreement);
    if (!open.ok()) return open.status();
    const Dealings dealings = {parts_->profile, *open->link, *open->store,
                               open->verified,  *open->view, parts_->output};
    const absl::StatusOr<crypto::Secret> pepper = ObtainPepper(dealings);
    if (!pepper.ok()) return pepper.status();
    if (absl::Status s = ResumeEnrolments(dealings, *pepper); !s.ok()) return s;
    const auto counts =
        client::Enrol(dealings, *pepper, scheme->name, people.rows);
    if (!counts.ok()) return counts.status();
    result = {counts->identifiers, counts->fresh, {}};
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  result.refused = std::move(people.refused);
  return result;
}

absl::StatusOr<SentShipment> System::Send(const Shipment& shipment,
                                          const Limits& limits) {
  const absl::StatusOr<RowBlock> block = AsBlock(shipment);
  if (!block.ok()) return block.status();
  SentShipment result;
  AddRefused(block->bad, &result.refused);
  const absl::Status done = parts_->Run(limits, [&]() -> absl::Status {
    const auto open = OpenAgreement(parts_->profile, shipment.agreement);
    if (!open.ok()) return open.status();
    return SendToAll({parts_->profile, *open->link, *open->store,
                      open->verified, *open->view, parts_->output},
                     shipment, *block, &result);
  });
  if (!done.ok()) return done;
  Tidy(&result.refused);
  return result;
}

absl::StatusOr<Received> System::Receive(const std::string& agreement,
                                         const Handler& handler,
                                         const Limits& limits) {
  HandlerSink sink(handler);
  Received result;
  const absl::Status done = parts_->Run(limits, [&]() -> absl::Status {
    const auto receiver = Receiver::Open(parts_->profile, agreement);
    if (!receiver.ok()) return receiver.status();
    const auto report = (*receiver)->Run(sink);
    if (!report.ok()) return report.status();
    for (const ReceivedSummary& batch : report->batches) {
      result.batches.push_back({batch.batch, batch.sender, batch.records,
                                batch.matched, batch.withheld, batch.before});
    }
    for (const RefusedSummary& batch : report->refused) {
      result.refused.push_back(batch.why);
    }
    return absl::OkStatus();
  });
  if (!done.ok()) return done;
  return result;
}

absl::StatusOr<Followed> System::Follow(const std::string& agreement,
                                        const Handler& handler,
                                        const Cancellation& stop,
                                        const FollowEvents& events) {
  HandlerSink sink(handler);
  FollowTotals totals;
  Following following = FollowingOf(parts_->profile, agreement);
  following.listener.received = [&totals](const ReceivedSummary& batch) {
    totals.Add(batch);
  };
  following.listener.refused = [&](const RefusedSummary& batch) {
    ++totals.refused;
    if (events.refused) events.refused(batch.why);
  };
  if (events.broken) following.broken = events.broken;
  if (absl::Status done = client::Follow(following, sink, stop); !done.ok()) {
    return done;
  }
  return Followed{totals.batches, totals.records, totals.matched,
                  totals.withheld, totals.refused};
}

}  // namespace entente::client
