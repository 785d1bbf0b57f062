// The power goes at every sync of a broker whose agencies enrol, send and take
// delivery.
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "broker/pseudonyms_service.h"
#include "broker/store/enrolment_table.h"
#include "broker/store/mailbox_table.h"
#include "broker/store/quota_table.h"
#include "broker/store/test_disk.h"
#include "broker/test_batches.h"
#include "broker/test_memory_folder.h"
#include "broker/test_workload.h"
#include "crypto/domain.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

// What the agencies were told.
struct Told {
  std::map<std::string, std::pair<uint64_t, crypto::Hash>> heads;
  std::map<std::string, BatchState> batches;     // by id
  std::map<std::string, EnrolmentRow> enrolled;  // by request id
  uint64_t chunks = 0;  // of the batch that is being sent
};

// A broker at work, on the disk that is recorded.
class WorkingBroker : public TestBatches {
 public:
  WorkingBroker() : TestBatches(kFewPages) {
    policy::Limits& limits = world_.agreement.flows[0].limits;
    limits.requests_per_day = limits.enrolments_per_day = kPlenty;
    world_.PutRecord([](policy::AgreementRecord*) {});
  }

  absl::Status Enrol(char id) {
    const auto blinds =
        crypto::BlindedBatch::Create({*crypto::Point::Random()});
    if (!blinds.ok()) return blinds.status();
    v1::EnrolRequest request;
    request.set_agreement(kAgreement);
    request.set_version(1);
    request.set_scheme("nhs/1");
    request.set_epoch(1);
    request.set_request_id(std::string(16, id));
    request.set_blinded(Text(crypto::PackPoints(blinds->blinded())));
    v1::EnrolResponse response;
    const absl::Status done =
        pseudonyms_.Enrol(TestExchange::Of("north"), request, &response);
    if (!done.ok()) return done;
    EnrolmentRow& row = told.enrolled[request.request_id()];
    row.agency = "north";
    const auto digest = crypto::Sha256(request.blinded());
    row.blinded_digest.assign(digest.begin(), digest.end());
    const auto evaluated = crypto::AsBytes(response.evaluated());
    row.evaluated.assign(evaluated.begin(), evaluated.end());
    row.entry = response.receipt().index();
    return ReadHead();
  }

  // Calls `told_more` after each answer.
  absl::Status Exchange(char id, const std::function<void()>& told_more) {
    v1::BatchHeader header = Header();
    header.set_batch_id(std::string(16, id));
    told.chunks = 0;
    for (const v1::SendChunkRequest& chunk : Seal(header)) {
      if (absl::Status sent = Send(chunk); !sent.ok()) return sent;
      told.batches[header.batch_id()] =
          chunk.final() ? BatchState::kDeliverable : BatchState::kStaged;
      ++told.chunks;
      if (absl::Status read = ReadHead(); !read.ok()) return read;
      told_more();
    }
    const auto rows = Waiting();
    if (!rows.ok()) return rows.status();
    if (absl::Status taken = Acknowledge(Delivery(rows->front()));
        !taken.ok()) {
      return taken;
    }
    told.batches[header.batch_id()] = BatchState::kDelivered;
    if (absl::Status read = ReadHead(); !read.ok()) return read;
    told_more();
    return absl::OkStatus();
  }

  void Stop() { world_.broker.Stop(); }
  absl::Time now() { return world_.clock.Now(); }

  Told told;

 private:
  static constexpr int64_t kPlenty = 1000;

  absl::Status ReadHead() {
    return world_.broker.store->Read([&](Transaction& transaction) {
      const auto head = world_.broker.ledgers->Head(transaction, kAgreement);
      if (head.ok()) told.heads[kAgreement] = {head->size, head->root};
      return head.status();
    });
  }

  PseudonymsService pseudonyms_{&context_};
};

// Whether nothing that an agency was told is missing from `transaction`.
absl::Status CheckTold(Transaction& transaction, const Told& told,
                       absl::Time now) {
  const auto domain =
      crypto::DomainBytes({kAgreement, "north", crypto::Role::kMatching, 1});
  if (!domain.ok()) return domain.status();
  for (const auto& [id, row] : told.enrolled) {
    const auto found =
        EnrolmentTable(transaction)
            .Find(row.agency, *domain, crypto::AsBytes(id), row.blinded_digest);
    if (!found.ok()) return found.status();
    if (!found->has_value() || (*found)->evaluated != row.evaluated ||
        (*found)->entry != row.entry) {
      return absl::DataLossError(absl::StrCat("enrolment ", id));
    }
  }
  uint64_t sent = 0;
  for (const auto& [id, state] : told.batches) {
    const auto row =
        MailboxTable(transaction).Find("north", crypto::AsBytes(id));
    if (!row.ok()) return row.status();
    if (row->state < state ||
        (state == BatchState::kStaged && row->chunks < told.chunks)) {
      return absl::DataLossError(absl::StrCat("batch ", id, " went back"));
    }
    if (state >= BatchState::kDeliverable) ++sent;
  }
  // Nobody gets more than the quota by pulling the plug.
  const auto used =
      QuotaTable(transaction)
          .Used({kAgreement, "crimes-south", "north>south", "requests_per_day"},
                now);
  if (!used.ok()) return used.status();
  return *used < sent ? absl::DataLossError("a quota went back")
                      : absl::OkStatus();
}

TEST(PowerLossExchangeTest, LosesNothingThatAnAgencyWasToldAtAnySync) {
  const MemoryFolders memory;
  TestVfs vfs{memory.prefix(), nullptr};
  DiskRecord record({"anchors"});
  std::map<size_t, Told> marks;
  vfs.before = [&](const FileAction& action) {
    record.Note(action);
    return SQLITE_OK;
  };
  auto work = std::make_unique<WorkingBroker>();
  const absl::Time now = work->now();
  const size_t begun = record.Mark();
  const auto tell = [&] { marks[record.Mark()] = work->told; };
  for (const char id : getenv("ENTENTE_LONG") != nullptr
                           ? std::string("abcdefghijklmnopqrst")
                           : std::string("abc")) {
    const absl::Status enrolled = work->Enrol(id);
    ASSERT_TRUE(enrolled.ok()) << enrolled;
    tell();
    const absl::Status exchanged = work->Exchange(id, tell);
    ASSERT_TRUE(exchanged.ok()) << exchanged;
  }
  work->Stop();
  vfs.before = nullptr;

  const unsigned seed = 20261130;
  std::mt19937 random(seed);
  Disk disk;
  TestBroker revived;
  size_t cuts = 0;
  const auto check = [&](const DiskImage& image, size_t steps) -> absl::Status {
    revived.Stop();
    WriteDisk(image, revived.folder.path());
    if (absl::Status started = revived.Start(); !started.ok()) return started;
    const auto after = marks.upper_bound(steps);
    if (after == marks.begin()) return absl::OkStatus();
    const Told& told = std::prev(after)->second;
    ++cuts;
    const absl::Status kept =
        CheckKept(revived, {told.heads, {}, /*is_registered=*/false});
    if (!kept.ok()) return kept;
    return revived.store->Read([&](Transaction& transaction) {
      return CheckTold(transaction, told, now);
    });
  };
  const std::vector<DiskRecord::Step> steps = record.Steps();
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool is_sync = steps[i].action.kind == FileAction::Kind::kSync;
    if (is_sync && i >= begun) {
      const absl::Status torn = check(disk.Torn(&random), i);
      ASSERT_TRUE(torn.ok())
          << "torn before step " << i << ", seed " << seed << ": " << torn;
    }
    disk.Do(steps[i]);
    if (is_sync && i >= begun) {
      const absl::Status synced = check(disk.Synced(), i + 1);
      ASSERT_TRUE(synced.ok()) << "cut after step " << i << ": " << synced;
    }
  }
  EXPECT_GT(cuts, 2 * marks.size());
}

}  // namespace
}  // namespace entente::broker
