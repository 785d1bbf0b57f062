#include "broker/sequencer.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace entente::broker {

Sequencer::Sequencer(Store* store, const LedgerLog* ledgers,
                     AnchorFile* anchors, Options options)
    : store_(*store),
      ledgers_(*ledgers),
      anchors_(*anchors),
      options_(options),
      thread_([this] { Work(); }) {}

Sequencer::~Sequencer() { Shutdown(); }

absl::Status Sequencer::Submit(Job job, JobDone done) {
  absl::MutexLock lock(&mu_);
  if (stopping_) {
    return absl::UnavailableError("the broker is stopping; retry later");
  }
  if (queue_.size() >= options_.max_queued) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the broker is busy: ", queue_.size(), " writes wait; retry later"));
  }
  queue_.push_back({std::move(job), std::move(done)});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Receipt>> Sequencer::Run(Job job) {
  absl::Notification answered;
  absl::StatusOr<std::vector<Receipt>> answer;
  const absl::Status queued =
      Submit(std::move(job), [&](absl::StatusOr<std::vector<Receipt>> outcome) {
        answer = std::move(outcome);
        answered.Notify();
      });
  if (!queued.ok()) return queued;
  answered.WaitForNotification();
  return answer;
}

void Sequencer::Shutdown() {
  absl::MutexLock join(&join_mu_);
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

size_t Sequencer::queued() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

void Sequencer::Work() {
  while (true) {
    std::vector<Waiting> group = NextGroup();
    if (group.empty()) return;
    RunGroup(std::move(group));
  }
}

std::vector<Sequencer::Waiting> Sequencer::NextGroup() {
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(this, &Sequencer::HasWorkOrStops));
  std::vector<Waiting> group;
  while (!queue_.empty() && group.size() < options_.max_group) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void Sequencer::RunGroup(std::vector<Waiting> group) {
  std::vector<Outcome> outcomes(group.size());
  std::vector<Anchor> signed_heads;
  const auto began = std::chrono::steady_clock::now();
  absl::Status written = CatchUp();
  if (written.ok()) {
    written = store_.Write(
        [&](Transaction& transaction) {
          return WriteGroup(transaction, group, &outcomes, &signed_heads);
        },
        [&] {
          absl::Status anchored = anchors_.Record(signed_heads);
          if (!anchored.ok()) unanchored_ = signed_heads;
          return anchored;
        });
  }
  const bool is_unknown = IsFailedSync(written) || !unanchored_.empty();
  if (options_.committed != nullptr) {
    size_t entries = 0;
    for (const Outcome& outcome : outcomes) entries += outcome.receipts.size();
    options_.committed(
        group.size(), written.ok() ? entries : 0,
        absl::FromChrono(std::chrono::steady_clock::now() - began),
        written.ok());
  }
  for (size_t i = 0; i < group.size(); ++i) {
    Outcome& outcome = outcomes[i];
    if (!outcome.status.ok()) {
      group[i].done(std::move(outcome.status));
    } else if (!written.ok()) {
      absl::Status failed = absl::UnavailableError(
          absl::StrCat(is_unknown ? "nobody knows yet what was written: "
                                  : "nothing was written: ",
                       written.message()));
      group[i].done(IsDiskFull(written) ? MarkDiskFull(std::move(failed))
                                        : std::move(failed));
    } else {
      group[i].done(std::move(outcome.receipts));
    }
  }
}

absl::Status Sequencer::CatchUp() {
  absl::Status resumed =
      store_.Resume([this] { return anchors_.Record(unanchored_); });
  if (resumed.ok()) unanchored_.clear();
  return resumed;
}

absl::Status Sequencer::WriteGroup(Transaction& transaction,
                                   const std::vector<Waiting>& group,
                                   std::vector<Outcome>* outcomes,
                                   std::vector<Anchor>* signed_heads) {
  std::map<std::string, PartOfLedger> checked;
  for (size_t i = 0; i < group.size(); ++i) {
    Outcome& outcome = (*outcomes)[i];
    absl::StatusOr<Savepoint> savepoint = Savepoint::Open(&transaction);
    if (!savepoint.ok()) return savepoint.status();
    outcome.status = RunJob(transaction, group[i].job, &checked, &outcome);
    if (!outcome.status.ok()) {
      outcome.receipts.clear();
      // The jobs before it were undone as well.
      if (!transaction.is_open()) return std::exchange(outcome.status, {});
      continue;
    }
    if (absl::Status kept = savepoint->Keep(); !kept.ok()) return kept;
  }
  return SignTouched(transaction, outcomes, signed_heads);
}

absl::Status Sequencer::RunJob(Transaction& transaction, const Job& job,
                               std::map<std::string, PartOfLedger>* checked,
                               Outcome* outcome) {
  absl::StatusOr<std::vector<PendingEntry>> entries = job(transaction);
  if (!entries.ok()) return entries.status();
  for (PendingEntry& pending : *entries) {
    auto part = checked->find(pending.ledger);
    if (part == checked->end()) {
      const absl::StatusOr<PartOfLedger> found =
          Checked(transaction, pending.ledger);
      if (!found.ok()) return found.status();
      part = checked->emplace(pending.ledger, *found).first;
    }
    const PartOfLedger& newest = part->second;
    const absl::StatusOr<uint64_t> index =
        ledgers_.Append(transaction, newest.name, pending.entry);
    if (!index.ok()) return index.status();
    if (pending.appended != nullptr) {
      if (absl::Status noted =
              pending.appended(transaction, newest.first + *index);
          !noted.ok()) {
        return noted;
      }
    }
    Receipt& receipt = outcome->receipts.emplace_back();
    receipt.part = newest.name;
    receipt.index = *index;
    receipt.entry = std::move(pending.entry);
  }
  return absl::OkStatus();
}

absl::StatusOr<PartOfLedger> Sequencer::Checked(Transaction& transaction,
                                                const std::string& ledger) {
  absl::StatusOr<PartOfLedger> newest = ledgers_.Newest(transaction, ledger);
  if (!newest.ok()) return newest;
  const absl::Status unchanged = ledgers_.CheckUnchanged(
      transaction, newest->name, anchors_.Find(ledgers_.Origin(newest->name)));
  if (!unchanged.ok()) return unchanged;
  return newest;
}

absl::Status Sequencer::SignTouched(Transaction& transaction,
                                    std::vector<Outcome>* outcomes,
                                    std::vector<Anchor>* signed_heads) {
  std::map<std::string, std::vector<Receipt*>> by_part;
  for (Outcome& outcome : *outcomes) {
    for (Receipt& receipt : outcome.receipts) {
      by_part[receipt.part].push_back(&receipt);
    }
  }
  for (auto& [part, receipts] : by_part) {
    const absl::StatusOr<SignedHead> head = ledgers_.Sign(transaction, part);
    if (!head.ok()) return head.status();
    std::vector<uint64_t> indices;
    for (const Receipt* receipt : receipts) indices.push_back(receipt->index);
    absl::StatusOr<std::vector<std::string>> proofs =
        ledgers_.Proofs(transaction, part, indices);
    if (!proofs.ok()) return proofs.status();
    for (size_t i = 0; i < receipts.size(); ++i) {
      receipts[i]->proof = std::move((*proofs)[i]);
      receipts[i]->size = head->size;
      receipts[i]->root = head->root;
    }
    signed_heads->push_back({ledgers_.Origin(part), head->size, head->root});
  }
  return absl::OkStatus();
}

}  // namespace entente::broker
