// The broker's questions, answered by a witness that is not ours.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "broker/ask_witness.h"
#include "broker/http_witness_port.h"
#include "crypto/checkpoint.h"
#include "crypto/hex.h"
#include "crypto/merkle_tree.h"
#include "crypto/signing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world/process.h"

namespace entente::witnesses {
namespace {

using broker::WitnessReply;
using Kind = WitnessReply::Kind;

// Empty: it is not here; see CMakeLists.txt.
constexpr char kSigsumWitness[] = ENTENTE_SIGSUM_WITNESS;

// One that nobody listens on now.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(fd, plain, size), 0);
  EXPECT_EQ(getsockname(fd, plain, &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

// It knows one log, whose name follows from its key.
class SigsumWitness : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(kSigsumWitness).empty()) {
      GTEST_SKIP() << "SIGSUM WITNESS SKIPPED: it is not installed, so no "
                      "witness but our own was asked. Install sigsum-go from "
                      "bookworm-backports.";
    }
    folder_ = (std::filesystem::temp_directory_path() / "entente-sigsum-XXXXXX")
                  .string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    Sigsum({"generate", "-o", Path("witness")});
    const std::string hex =
        Sigsum({"to-hex", "-k", Path("witness.pub")}).substr(0, 64);
    witness_ = *crypto::Ed25519PublicKey::Parse(*crypto::FromHex(hex));
    std::ofstream(Path("log.hex"))
        << crypto::ToHex(key_.public_key().bytes()) << "\n";
    Sigsum({"from-hex", "-k", Path("log.hex"), "-o", Path("log.pub")});
    // As Debian builds it, it finds its own paths only so.
    setenv("GODEBUG", "httpmuxgo121=0", 1);
    port_number_ = FreePort();
    auto started =
        world::Background::Start({kSigsumWitness, "-k", Path("witness"),
                                  absl::StrCat("--log-key=", Path("log.pub")),
                                  absl::StrCat("--state-file=", Path("state")),
                                  absl::StrCat("127.0.0.1:", port_number_)},
                                 Path("log"));
    ASSERT_TRUE(started.ok()) << started.status();
    serving_ = *std::move(started);
    for (int i = 0; i < 12; ++i) tree_.Append(crypto::AsBytes("entry"));
  }
  void TearDown() override {
    serving_.reset();
    unsetenv("GODEBUG");
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }
  // What `sigsum-key` printed.
  static std::string Sigsum(std::vector<std::string> words) {
    words.insert(words.begin(), ENTENTE_SIGSUM_KEY);
    const auto ran = world::RunProgram(words);
    EXPECT_TRUE(ran.ok()) << ran.status();
    if (!ran.ok()) return "";
    EXPECT_EQ(ran->exit_code, 0) << ran->err;
    return ran->out;
  }

  std::string Origin() const {
    return absl::StrCat(
        "sigsum.org/v1/tree/",
        crypto::ToHex(crypto::Sha256(key_.public_key().bytes())));
  }
  WitnessReply Ask(uint64_t old_size, uint64_t size, bool is_true = true) {
    const std::string name =
        absl::StrCat("sigsum.org/v1/witness/",
                     crypto::ToHex(crypto::Sha256(witness_->bytes())));
    broker::WitnessQuestion question = {
        absl::StrCat("http://127.0.0.1:", port_number_),
        *crypto::NoteKey::Create(name, crypto::NoteKeyType::kCosignature,
                                 *witness_),
        old_size,
        *tree_.ProveConsistency(old_size, size),
        size,
        *crypto::SignCheckpoint(
            {Origin(), size, is_true ? *tree_.RootAt(size) : crypto::Hash{9}},
            key_)};
    // It says nothing when it begins to listen.
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    WitnessReply reply;
    do {
      reply = AskWitness(port_, question);
    } while (reply.kind == Kind::kUnreachable && absl::Now() < deadline);
    return reply;
  }

  std::string folder_;
  const crypto::SigningKey key_ = *crypto::SigningKey::Generate();
  std::optional<crypto::Ed25519PublicKey> witness_;
  crypto::MerkleLog tree_;
  int port_number_ = 0;
  broker::HttpWitnessPort port_;
  std::unique_ptr<world::Background> serving_;
};

TEST_F(SigsumWitness, CosignsWhatGrowsAndTellsItsSize) {
  const WitnessReply first = Ask(0, 5);
  ASSERT_EQ(first.kind, Kind::kCosigned) << first.why;
  EXPECT_EQ(first.size, 5u);
  const WitnessReply grown = Ask(5, 12);
  ASSERT_EQ(grown.kind, Kind::kCosigned) << grown.why;
  const WitnessReply forgotten = Ask(0, 12);
  EXPECT_EQ(forgotten.kind, Kind::kOtherSize);
  EXPECT_EQ(forgotten.size, 12u);
  const WitnessReply put_back = Ask(3, 7);
  EXPECT_EQ(put_back.kind, Kind::kAhead);
  EXPECT_EQ(put_back.size, 12u);
}

TEST_F(SigsumWitness, CosignsNoOtherHistory) {
  ASSERT_EQ(Ask(0, 5).kind, Kind::kCosigned);
  EXPECT_EQ(Ask(5, 9, /*is_true=*/false).kind, Kind::kRefused);
}

}  // namespace
}  // namespace entente::witnesses
