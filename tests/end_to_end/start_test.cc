// A broker that cannot start says why, and harms nothing.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/end_to_end/shared_world.h"

namespace entente::end_to_end {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Flags = std::vector<std::pair<std::string, std::string>>;

void MakePrivate(const std::string& path) {
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

class Start : public EndToEnd {
 protected:
  // A broker of this test's own on any port.
  std::unique_ptr<world::Background> Serve(const std::string& data) {
    auto started = world::Background::Start(
        world().BrokerCommand("127.0.0.1:0", {{"--data", data}}),
        Folder() + "/broker.log");
    EXPECT_TRUE(started.ok()) << started.status();
    const auto serving = (*started)->WaitForLine(
        [](const std::string& line) {
          return line.find("\"event\":\"serving\"") != std::string::npos;
        },
        kPatience);
    EXPECT_TRUE(serving.ok()) << serving.status();
    return *std::move(started);
  }

  // A data folder that a broker has served and left.
  std::string UsedData() {
    const std::string data = Folder() + "/data";
    EXPECT_EQ(Serve(data)->Stop(), 0);
    return data;
  }

  // Runs a broker that must not come up; what it said.
  std::string Fails(const Flags& flags, int exit_code = 1) {
    std::string listen = "127.0.0.1:0";
    for (const auto& [flag, value] : flags) {
      if (flag == "--listen") listen = value;
    }
    auto started = world::Background::Start(
        world().BrokerCommand(listen, flags), Folder() + "/broker.log");
    EXPECT_TRUE(started.ok()) << started.status();
    const auto served = (*started)->WaitForLine(
        [](const std::string& line) {
          return line.find("\"event\":\"serving\"") != std::string::npos;
        },
        kPatience);
    EXPECT_EQ(served.status().code(), absl::StatusCode::kUnavailable)
        << "it serves";
    EXPECT_EQ((*started)->Wait(), exit_code);
    return (*started)->Said();
  }
};

TEST_F(Start, APortThatIsTakenIsNamed) {
  const std::string said =
      Fails({{"--data", Folder() + "/data"}, {"--listen", world().address}});
  EXPECT_THAT(said, HasSubstr("cannot listen on " + world().address));
  EXPECT_THAT(said, HasSubstr("choose another with --listen"));
  // The folder that it had made by then is whole.
  EXPECT_EQ(Serve(Folder() + "/data")->Stop(), 0);
}

TEST_F(Start, AFolderThatAnotherBrokerServesIsLeftAlone) {
  const std::string said = Fails({});
  EXPECT_THAT(said, HasSubstr("another broker serves the data folder"));
  EXPECT_THAT(said, HasSubstr("stop it, or name another folder"));
  EXPECT_EQ(Run(Profile(kLeft, "auditor"), {"status"}).exit_code, 0);
}

TEST_F(Start, AFolderOfAnotherVersionIsLeftAlone) {
  const std::string data = UsedData();
  const auto set_version = [&](int version) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((data + "/entente.db").c_str(), &database),
              SQLITE_OK);
    EXPECT_EQ(
        sqlite3_exec(database,
                     absl::StrCat("PRAGMA user_version = ", version).c_str(),
                     nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(database);
  };
  int version = 0;
  {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((data + "/entente.db").c_str(), &database),
              SQLITE_OK);
    sqlite3_exec(
        database, "PRAGMA user_version",
        [](void* into, int, char** values, char**) {
          *static_cast<int*>(into) = atoi(values[0]);
          return 0;
        },
        &version, nullptr);
    sqlite3_close(database);
  }
  ASSERT_GT(version, 0);
  set_version(version + 76);
  const std::string said = Fails({{"--data", data}});
  EXPECT_THAT(said, HasSubstr(absl::StrCat("version ", version + 76)));
  EXPECT_THAT(said, HasSubstr("run the broker that wrote it"));
  set_version(version);
  EXPECT_EQ(Serve(data)->Stop(), 0);
}

TEST_F(Start, AWrongPassphraseOpensNothing) {
  const std::string data = UsedData();
  const std::string other = Write("passphrase", "quite another passphrase\n");
  MakePrivate(other);
  const std::string said =
      Fails({{"--data", data}, {"--passphrase-file", other}});
  EXPECT_THAT(said, HasSubstr("the passphrase does not open"));
  EXPECT_THAT(said, testing::Not(HasSubstr("quite another")));
  EXPECT_EQ(Serve(data)->Stop(), 0);
}

TEST_F(Start, SecretsThatOthersCanReadAreRefused) {
  const std::pair<std::string, std::string> files[] = {
      {"--passphrase-file", world().Path("operator/passphrase")},
      {"--private-key", world().Path("operator/broker-certificate/key.pem")}};
  for (const auto& [flag, file] : files) {
    const std::string copy = Folder() + "/readable";
    fs::remove(copy);
    fs::copy_file(file, copy);
    fs::permissions(copy, fs::perms(0644));
    const std::string said = Fails({{"--data", Folder() + "/d"}, {flag, copy}});
    EXPECT_THAT(said, HasSubstr("only its owner can read")) << flag;
    EXPECT_THAT(said, HasSubstr("chmod 600 " + copy));
  }
  const std::string data = UsedData();
  fs::permissions(data + "/key", fs::perms(0644));
  EXPECT_THAT(Fails({{"--data", data}}), HasSubstr("chmod 600"));
  fs::permissions(data + "/key", fs::perms(0600));
  fs::permissions(data, fs::perms(0755));
  EXPECT_THAT(Fails({{"--data", data}}), HasSubstr("chmod 700"));
  fs::permissions(data, fs::perms(0700));
  EXPECT_EQ(Serve(data)->Stop(), 0);
}

TEST_F(Start, ACertificateOfAnotherBrokerIsRefused) {
  ASSERT_TRUE(world()
                  .Issue("operator",
                         absl::StrCat("spiffe://", world::kTrustDomain,
                                      "/broker/other.example"),
                         "tests/other-broker", {"--ip", "127.0.0.1"})
                  .ok());
  const std::string folder = world().Path("tests/other-broker");
  const std::string said =
      Fails({{"--data", Folder() + "/data"},
             {"--certificate", folder + "/certificate.pem"},
             {"--private-key", folder + "/key.pem"}},
            2);
  EXPECT_THAT(said, HasSubstr("/broker/other.example, not for"));
}

TEST_F(Start, AFolderWhoseDatabaseWasPutBackIsNotServed) {
  const std::string data = UsedData();
  fs::copy_file(data + "/entente.db", Folder() + "/older.db");
  EXPECT_EQ(Serve(data)->Stop(), 0);
  for (const char* rest : {"-wal", "-shm"}) {
    fs::remove(absl::StrCat(data, "/entente.db", rest));
  }
  fs::copy_file(Folder() + "/older.db", data + "/entente.db",
                fs::copy_options::overwrite_existing);
  const std::string said = Fails({{"--data", data}});
  EXPECT_THAT(said, HasSubstr("entente-broker restore --data"));
  EXPECT_THAT(said, HasSubstr("mirror"));
}

TEST_F(Start, SettingsThatAreNoneAreUsageErrors) {
  EXPECT_THAT(Fails({{"--listen", "nonsense"}, {"--data", Folder() + "/d"}}, 2),
              HasSubstr("listen"));
  EXPECT_THAT(Fails({{"--no-tls", "yes"}, {"--data", Folder() + "/d"}}, 2),
              HasSubstr("no-tls"));
}

}  // namespace
}  // namespace entente::end_to_end
