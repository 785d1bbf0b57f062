// A broker that lost its database, for tests.
#ifndef ENTENTE_BROKER_TEST_RESTORE_H_
#define ENTENTE_BROKER_TEST_RESTORE_H_

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "broker/restore.h"
#include "broker/store/quota_table.h"
#include "broker/store/sqlite_store.h"
#include "broker/test_restorable.h"
#include "gtest/gtest.h"

namespace entente::broker {

// A broker that was backed up, went on, was mirrored and ended; its database is
// gone, its anchors are not.
class RestoreTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Revoke('a');
    std::filesystem::copy_file(world.folder / "data/anchors",
                               world.folder / "old-anchors");
    world.Revoke('b');
    ASSERT_TRUE(BackUp(world.config.data, world.folder / "backup").ok());
    at_backup = world.Head().size;
    early_checkpoint = world.Head().checkpoint;
    world.Revoke('c');
    AddAgency();
    world.Stop();  // one more entry, which the mirror needs
    ASSERT_TRUE(world.Start().ok());
    world.Mirror("mirror");
    last = world.Head();
    // Ends without recording that it stops.
    std::filesystem::copy(world.folder / "data", world.folder / "crashed",
                          std::filesystem::copy_options::recursive);
    world.Stop();
    world.config.data = world.folder / "crashed";
    RemoveDatabase();
  }

  void AddAgency() {
    certs::Identity identity;
    identity.kind = certs::Identity::Kind::kOperator;
    identity.trust_domain = "test.example";
    identity.name = "op";
    const auto root = certs::Authority::Create(
        "north", absl::FromUnixSeconds(1760000000), 10);
    v1::AddAgencyRequest request;
    request.set_agency("north");
    request.set_name("North");
    request.set_root_pem(root->root().ToPem());
    v1::AddAgencyResponse response;
    const absl::Status added = world.broker->directory().AddAgency(
        {identity, identity.ToUri(), std::string(64, '0')}, request, &response);
    ASSERT_TRUE(added.ok()) << added;
  }

  void RemoveDatabase() {
    for (const char* ending : {"", "-wal", "-shm"}) {
      std::filesystem::remove(world.config.data + "/entente.db" + ending);
    }
  }
  // What somebody does who knows no better.
  void RollBack() {
    RemoveDatabase();
    std::filesystem::copy_file(world.folder / "backup/entente.db",
                               world.config.data + "/entente.db");
  }

  absl::StatusOr<RestoreReport> Try(const std::string& from,
                                    std::vector<std::string> mirrors,
                                    char passphrase = 'p',
                                    bool new_ledgers = false) {
    return Restore({world.config.data, from, std::move(mirrors), new_ledgers},
                   TestRestorable::Passphrase(passphrase), world.clock);
  }

  // Until 00:00 UTC, and not after.
  bool QuotaIsExhausted() {
    auto store = SqliteStore::Open(world.config.data + "/entente.db", 1);
    EXPECT_TRUE(store.ok()) << store.status();
    const QuotaKey key = {"isa", "flow", "north", "records"};
    bool is_exhausted = false;
    const absl::Status written = (*store)->Write(
        [&](Transaction& transaction) -> absl::Status {
          QuotaTable quotas(transaction);
          const auto today = quotas.Take(key, world.clock.Now(), 1, 100);
          const auto tomorrow =
              quotas.Take(key, world.clock.Now() + absl::Hours(24), 1, 100);
          is_exhausted =
              absl::IsResourceExhausted(today.status()) &&
              absl::StrContains(today.status().message(), "00:00 UTC") &&
              tomorrow.ok();
          return absl::OkStatus();
        },
        [] { return absl::OkStatus(); });
    EXPECT_TRUE(written.ok()) << written;
    return is_exhausted;
  }

  TestRestorable world;
  uint64_t at_backup = 0;
  std::string early_checkpoint;
  SignedHead last;
  const std::string backup = world.folder / "backup";
  const std::string mirror = world.folder / "mirror";
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_TEST_RESTORE_H_
