// A partnership at work: agreements, then batches from the first chunk to the
// delivery, each step with its entry; and what it was told meanwhile.
#ifndef ENTENTE_BROKER_TEST_WORKLOAD_H_
#define ENTENTE_BROKER_TEST_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/store/agencies_table.h"
#include "broker/store/mailbox_table.h"
#include "broker/test_partnership.h"

namespace entente::broker {

inline constexpr char kWorkLedger[] = "isa-small";
// Of the log, before it is moved into the database.
inline constexpr int kFewPages = 20;

// What has been answered, so that it must be there ever after.
struct Acknowledged {
  std::map<std::string, std::pair<uint64_t, crypto::Hash>> heads;
  std::map<int, BatchState> batches;
  bool is_registered = false;
};

inline std::vector<uint8_t> BatchId(int number) {
  return std::vector<uint8_t>(16, static_cast<uint8_t>(number));
}

// One step of batch `number`; the last two write an entry.
enum class BatchStep { kStage, kChunk, kComplete, kDeliver };

inline absl::Status TakeStep(Transaction& transaction, int number,
                             BatchStep step) {
  MailboxTable table(transaction);
  if (step == BatchStep::kStage) {
    BatchRow row;
    row.sender = "north-police";
    row.batch_id = BatchId(number);
    row.recipient = "west-police";
    row.agreement = kWorkLedger;
    row.version = 1;
    row.flow = "flow";
    row.header = {1, 2, 3};
    row.enc.resize(32);
    return table.Insert(row).status();
  }
  const auto row = table.Find("north-police", BatchId(number));
  if (!row.ok()) return row.status();
  if (step == BatchStep::kChunk) {
    ChunkRow chunk;
    chunk.number = row->chunks;
    chunk.hash.resize(32);
    chunk.sealed.assign(6000, static_cast<uint8_t>(number));
    chunk.signature.resize(64);
    return table.AddChunk(row->sequence, chunk);
  }
  if (step == BatchStep::kComplete) {
    return table.Complete(row->sequence, std::vector<uint8_t>(32));
  }
  DeliveryRow delivery;
  delivery.converted_hash.resize(32);
  delivery.signature.resize(64);
  return table.Deliver(row->sequence, delivery);
}

inline Job StepJob(int number, BatchStep step) {
  return [number, step](Transaction& transaction)
             -> absl::StatusOr<std::vector<PendingEntry>> {
    const absl::Status taken = TakeStep(transaction, number, step);
    if (!taken.ok()) return taken;
    if (step == BatchStep::kStage || step == BatchStep::kChunk) {
      return std::vector<PendingEntry>();
    }
    const bool is_complete = step == BatchStep::kComplete;
    return std::vector<PendingEntry>{
        {kWorkLedger, absl::StrCat("{\"batch\":", number, "}"),
         [number, is_complete](Transaction& same, uint64_t index) {
           MailboxTable table(same);
           const auto row = table.Find("north-police", BatchId(number));
           if (!row.ok()) return row.status();
           return is_complete ? table.SetEntry(row->sequence, index)
                              : table.SetDeliveryEntry(row->sequence, index);
         }},
        {"broker", absl::StrCat("{\"also\":", number, "}"), nullptr}};
  };
}

inline absl::Status RunStep(Sequencer& sequencer, int number, BatchStep step,
                            Acknowledged* told) {
  const auto receipts = sequencer.Run(StepJob(number, step));
  if (!receipts.ok()) return receipts.status();
  for (const Receipt& receipt : *receipts) {
    told->heads[receipt.part] = {receipt.size, receipt.root};
  }
  told->batches[number] = step == BatchStep::kDeliver ? BatchState::kDelivered
                          : step == BatchStep::kComplete
                              ? BatchState::kDeliverable
                              : BatchState::kStaged;
  return absl::OkStatus();
}

// Whether a started broker has it all.
inline absl::Status CheckKept(TestBroker& broker, const Acknowledged& told) {
  if (!broker.ledgers->refused().empty()) {
    return absl::DataLossError(broker.ledgers->refused().begin()->second);
  }
  return broker.store->Read([&](Transaction& transaction) -> absl::Status {
    for (const auto& [ledger, head] : told.heads) {
      const auto root = broker.ledgers->RootAt(transaction, ledger, head.first);
      if (!root.ok()) return root.status();
      if (*root != head.second) return absl::DataLossError("another root");
    }
    for (const auto& [number, state] : told.batches) {
      const auto row =
          MailboxTable(transaction).Find("north-police", BatchId(number));
      if (!row.ok()) return row.status();
      if (row->state < state) {
        return absl::DataLossError(
            absl::StrCat("batch ", number, " went back"));
      }
    }
    if (!told.is_registered) return absl::OkStatus();
    return AgenciesTable(transaction).Get("north-police").status();
  });
}

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_WORKLOAD_H_
