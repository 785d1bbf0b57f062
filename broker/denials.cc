#include "broker/denials.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "broker/rpc/refusal.h"

namespace entente::broker {
namespace {

constexpr char kMethod[] = "method";

policy::LedgerEntry Denied(const Denial& denial) {
  policy::LedgerEntry entry = denial.entry;
  entry.outcome = policy::Outcome::kDeny;
  entry.reasons.clear();
  for (const Condition& condition : ConditionsOf(denial.refusal)) {
    entry.reasons.push_back({condition.reason, condition.clause});
  }
  if (entry.reasons.empty()) entry.reasons.push_back({"INTERNAL", ""});
  return entry;
}

}  // namespace

std::string Denials::KeyOf(const Denial& denial) {
  const auto method = denial.entry.detail.find(kMethod);
  const std::vector<Condition> conditions = ConditionsOf(denial.refusal);
  return absl::StrJoin(
      {std::string(policy::EntryKindName(denial.entry.kind)), denial.ledger,
       denial.entry.actor_certificate,
       method == denial.entry.detail.end() ? "" : method->second,
       conditions.empty() ? "" : conditions.front().reason},
      "\n");
}

void Denials::CountOmitted(const Denial& denial) {
  Omitted& omitted = omitted_[{denial.source, denial.entry.kind}];
  if (omitted.count++ == 0) omitted.reason = Denied(denial).reasons.front();
}

bool Denials::Admit(const Denial& denial, const std::string& key,
                    absl::optional<EntryPlace>* place) {
  Roll(/*always=*/false);
  const absl::MutexLock lock(&mu_);
  const auto known = slots_.find(key);
  if (known != slots_.end()) {
    ++known->second.repeats;
    *place = known->second.place;
    return false;
  }
  size_t& entries = entries_of_[denial.source];
  if (entries >= kMaxDenialsPerSource) {
    CountOmitted(denial);
    return false;
  }
  ++entries;
  slots_[key].denial = denial;
  return true;
}

void Denials::Written(const std::string& key, const Denial& denial,
                      const absl::StatusOr<EntryPlace>& place) {
  {
    const absl::MutexLock lock(&mu_);
    const auto slot = slots_.find(key);
    if (place.ok()) {
      // The window may have rolled meanwhile; the place is of no use then.
      if (slot != slots_.end()) slot->second.place = *place;
      return;
    }
    // The next of its kind tries again, and the end of the window too.
    if (slot != slots_.end()) slots_.erase(slot);
    CountOmitted(denial);
  }
  context_.log->Error("denial_not_recorded",
                      {{"reason", std::string(place.status().message())}});
}

void Denials::Write(const Denial& denial, const std::string& key, Done done) {
  auto pending = Recorder::Pending(denial.ledger, Denied(denial));
  const Done written = [this, key, denial, done = std::move(done)](
                           const absl::StatusOr<EntryPlace>& place) {
    Written(key, denial, place);
    done(place);
  };
  if (!pending.ok()) return written(pending.status());
  const absl::Status queued = context_.sequencer->Submit(
      [entry = *std::move(pending)](
          Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
        return std::vector<PendingEntry>{entry};
      },
      [written](const absl::StatusOr<std::vector<Receipt>>& receipts) {
        if (!receipts.ok()) return written(receipts.status());
        written(EntryPlace{receipts->front().part, receipts->front().index});
      });
  if (!queued.ok()) written(queued);
}

absl::Status Denials::Record(Denial denial) {
  // A ledger that was refused at start takes no entry.
  if (context_.ledgers->refused().count(denial.ledger) != 0) {
    denial.ledger = std::string(kBrokerLedger);
  }
  const std::string key = KeyOf(denial);
  absl::optional<EntryPlace> place;
  if (Admit(denial, key, &place)) {
    absl::Notification answered;
    absl::StatusOr<EntryPlace> written = EntryPlace();
    Write(denial, key, [&](const absl::StatusOr<EntryPlace>& outcome) {
      written = outcome;
      answered.Notify();
    });
    answered.WaitForNotification();
    if (!written.ok()) {
      return Refuse(IsDiskFull(written.status())
                        ? policy::Reason::kDiskFull
                        : policy::Reason::kLogUnavailable,
                    absl::StrCat("the refusal could not be recorded: ",
                                 written.status().message()));
    }
    place = *written;
  }
  return place.has_value()
             ? RecordedAt(denial.refusal, place->part, place->index)
             : denial.refusal;
}

void Denials::Note(Denial denial) {
  if (context_.ledgers->refused().count(denial.ledger) != 0) {
    denial.ledger = std::string(kBrokerLedger);
  }
  const std::string key = KeyOf(denial);
  absl::optional<EntryPlace> place;
  if (Admit(denial, key, &place)) {
    Write(denial, key, [](const absl::StatusOr<EntryPlace>&) {});
  }
}

void Denials::Roll(bool always) {
  std::map<std::string, Slot> slots;
  std::map<std::pair<std::string, policy::EntryKind>, Omitted> omitted;
  {
    const absl::MutexLock lock(&mu_);
    const absl::Time now = context_.clock->Now();
    if (!always && now < window_end_) return;
    window_end_ = now + kDenialWindow;
    slots.swap(slots_);
    omitted.swap(omitted_);
    entries_of_.clear();
  }
  std::vector<PendingEntry> entries;
  uint64_t counted = 0;
  const auto add = [&](const std::string& ledger, policy::LedgerEntry entry) {
    auto pending = Recorder::Pending(ledger, std::move(entry));
    if (pending.ok()) entries.push_back(*std::move(pending));
  };
  for (auto& [key, slot] : slots) {
    if (slot.repeats == 0) continue;
    policy::LedgerEntry entry = Denied(slot.denial);
    entry.time = context_.recorder->OwnAct(slot.denial.entry.kind).time;
    entry.detail["repeats"] = absl::StrCat(slot.repeats);
    counted += slot.repeats;
    add(slot.denial.ledger, std::move(entry));
  }
  for (const auto& [source, rest] : omitted) {
    policy::LedgerEntry entry = context_.recorder->OwnAct(source.second);
    entry.outcome = policy::Outcome::kDeny;
    entry.reasons = {rest.reason};
    entry.detail["source"] = source.first;
    entry.detail["omitted"] = absl::StrCat(rest.count);
    counted += rest.count;
    context_.log->Warning("denials_omitted",
                          {{"kind", policy::EntryKindName(source.second)},
                           {"source", source.first},
                           {"count", rest.count}});
    add(std::string(kBrokerLedger), std::move(entry));
  }
  if (!entries.empty()) Submit(std::move(entries), counted);
}

void Denials::Submit(std::vector<PendingEntry> entries, uint64_t counted) {
  const auto failed = [log = context_.log, counted](const absl::Status& why) {
    log->Error("denials_not_recorded",
               {{"count", counted}, {"reason", std::string(why.message())}});
  };
  const absl::Status queued = context_.sequencer->Submit(
      [entries = std::move(entries)](Transaction&)
          -> absl::StatusOr<std::vector<PendingEntry>> { return entries; },
      [failed](const absl::StatusOr<std::vector<Receipt>>& receipts) {
        if (!receipts.ok()) failed(receipts.status());
      });
  if (!queued.ok()) failed(queued);
}

void Denials::Tick() { Roll(/*always=*/false); }

void Denials::Flush() { Roll(/*always=*/true); }

}  // namespace entente::broker
