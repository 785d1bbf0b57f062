#include "broker/claims.h"

#include <algorithm>

namespace entente::broker {

uint64_t Claims::Open(absl::string_view agency, absl::string_view agreement) {
  const absl::MutexLock lock(&mu_);
  receivers_[++last_].mailbox = {std::string(agency), std::string(agreement)};
  return last_;
}

void Claims::Close(uint64_t receiver) {
  Receiver gone;
  {
    const absl::MutexLock lock(&mu_);
    const auto it = receivers_.find(receiver);
    if (it == receivers_.end()) return;
    gone = std::move(it->second);
    receivers_.erase(it);
    for (const int64_t batch : gone.batches) claims_.erase(batch);
  }
  if (!gone.batches.empty()) Signal(gone.mailbox, 0);
}

void Claims::Retire(uint64_t receiver) {
  const absl::MutexLock lock(&mu_);
  const auto it = receivers_.find(receiver);
  if (it != receivers_.end()) it->second.is_retired = true;
}

bool Claims::HasOthers(uint64_t receiver) const {
  const Mailbox& mailbox = receivers_.at(receiver).mailbox;
  return std::any_of(receivers_.begin(), receivers_.end(), [&](const auto& it) {
    return it.first != receiver && !it.second.is_retired &&
           it.second.mailbox == mailbox;
  });
}

size_t Claims::Ahead(const Receiver& receiver, absl::Time now) const {
  size_t ahead = 0;
  for (const int64_t batch : receiver.batches) {
    if (now < claims_.at(batch).written + kPaceTime) ++ahead;
  }
  return ahead;
}

Claims::Outcome Claims::Take(uint64_t receiver, int64_t batch) {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&mu_);
  const auto it = receivers_.find(receiver);
  if (it == receivers_.end() || claims_.count(batch) != 0) {
    return Outcome::kWithAnother;
  }
  Receiver& asking = it->second;
  if (asking.batches.size() >= kMostUnacknowledged && HasOthers(receiver) &&
      Ahead(asking, now) >= kMostUnacknowledged) {
    return Outcome::kLater;
  }
  asking.batches.insert(batch);
  claims_[batch].receiver = receiver;
  return Outcome::kTaken;
}

void Claims::Written(uint64_t receiver, int64_t batch) {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&mu_);
  const auto it = claims_.find(batch);
  if (it != claims_.end() && it->second.receiver == receiver) {
    it->second.written = now;
  }
}

void Claims::Done(int64_t batch) {
  Mailbox mailbox;
  {
    const absl::MutexLock lock(&mu_);
    const auto it = claims_.find(batch);
    if (it == claims_.end()) return;
    Receiver& receiver = receivers_.at(it->second.receiver);
    receiver.batches.erase(batch);
    mailbox = receiver.mailbox;
    claims_.erase(it);
  }
  Signal(mailbox, MailboxSignal::kNothingNew);
}

void Claims::Lapse() {
  const absl::Time now = clock_.Now();
  std::vector<std::pair<Mailbox, int64_t>> late;
  {
    const absl::MutexLock lock(&mu_);
    for (auto it = claims_.begin(); it != claims_.end();) {
      if (now < it->second.written + kClaimTime) {
        ++it;
        continue;
      }
      Receiver& receiver = receivers_.at(it->second.receiver);
      receiver.batches.erase(it->first);
      late.emplace_back(receiver.mailbox, it->first);
      it = claims_.erase(it);
    }
  }
  for (const auto& [mailbox, batch] : late) Signal(mailbox, batch);
}

void Claims::Signal(const Mailbox& mailbox, int64_t first) const {
  signal_.Notify(mailbox.first, mailbox.second, first);
}

size_t Claims::HeldBy(uint64_t receiver) const {
  const absl::MutexLock lock(&mu_);
  const auto it = receivers_.find(receiver);
  return it == receivers_.end() ? 0 : it->second.batches.size();
}

size_t Claims::size() const {
  const absl::MutexLock lock(&mu_);
  return claims_.size();
}

}  // namespace entente::broker
