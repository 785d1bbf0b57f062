#include "client/rpc/broker_link.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/profile_renewal.h"

namespace entente::client {
namespace {

constexpr size_t kMaxFileBytes = 64 << 10;

absl::StatusOr<std::string> Read(const Profile& profile, const char* file) {
  absl::StatusOr<std::string> text =
      ReadFile(profile.Path(file), kMaxFileBytes);
  if (!text.ok()) {
    return Annotate(text.status(),
                    absl::StrCat("cannot read ", profile.Path(file)));
  }
  return text;
}

// What of a profile's files goes into TLS.
struct OwnPair {
  std::vector<certs::Certificate> chain;
  absl::optional<certs::PrivateKey> key;
};

absl::StatusOr<OwnPair> ReadPair(const Profile& profile, Endpoint* endpoint) {
  const std::pair<const char*, std::string*> files[] = {
      {"broker-root.pem", &endpoint->broker_root_pem},
      {"certificate.pem", &endpoint->certificate_pem},
      {"key.pem", &endpoint->key_pem}};
  for (const auto& [file, text] : files) {
    absl::StatusOr<std::string> read = Read(profile, file);
    if (!read.ok()) return read.status();
    *text = *std::move(read);
  }
  auto chain = certs::Certificate::ChainFromPem(endpoint->certificate_pem);
  if (!chain.ok()) {
    return Annotate(chain.status(), profile.Path("certificate.pem"));
  }
  auto key = certs::PrivateKey::FromPem(endpoint->key_pem);
  if (!key.ok()) return Annotate(key.status(), profile.Path("key.pem"));
  return OwnPair{*std::move(chain), *std::move(key)};
}

absl::Status CheckDates(const certs::Certificate& certificate,
                        const std::string& path) {
  const absl::Time now = absl::Now();
  if (now >= certificate.NotBefore() && now <= certificate.NotAfter()) {
    return absl::OkStatus();
  }
  return ToStatus(
      {.what = absl::StrCat("the certificate ", path, " is not in date"),
       .why = absl::StrCat(
           "it is valid from ",
           absl::FormatTime(certificate.NotBefore(), absl::UTCTimeZone()),
           " to ",
           absl::FormatTime(certificate.NotAfter(), absl::UTCTimeZone())),
       .next = "issue a new one: entente ca issue",
       .code = "CERTIFICATE_NOT_IN_DATE",
       .exit = ExitCode::kNotAuthenticated});
}

}  // namespace

BrokerLink::BrokerLink(const std::shared_ptr<grpc::Channel>& channel,
                       std::vector<certs::Certificate> chain,
                       certs::PrivateKey key, std::function<absl::Time()> clock)
    : chain_(std::move(chain)),
      key_(std::move(key)),
      clock_(std::move(clock)),
      directory_(v1::Directory::NewStub(channel)),
      agreements_(v1::Agreements::NewStub(channel)),
      break_glass_(v1::BreakGlass::NewStub(channel)),
      pseudonyms_(v1::Pseudonyms::NewStub(channel)),
      exchange_(v1::Exchange::NewStub(channel)),
      ledger_(v1::Ledger::NewStub(channel)) {}

absl::StatusOr<std::unique_ptr<BrokerLink>> BrokerLink::Open(
    const Profile& profile) {
  const ProfileSettings& settings = profile.settings();
  Endpoint endpoint;
  endpoint.address = settings.broker_address;
  endpoint.broker_uri = absl::StrCat("spiffe://", settings.trust_domain,
                                     "/broker/", settings.broker_name);
  absl::StatusOr<OwnPair> pair = ReadPair(profile, &endpoint);
  if (pair.ok() && !pair->key->Matches(pair->chain.front())) {
    // Perhaps another process replaces the pair at this moment.
    absl::Status finished = FinishSwap(profile.folder());
    if (!finished.ok()) return finished;
    pair = ReadPair(profile, &endpoint);
  }
  if (!pair.ok()) return pair.status();
  if (absl::Status dates =
          CheckDates(pair->chain.front(), profile.Path("certificate.pem"));
      !dates.ok()) {
    return dates;
  }
  const auto channel = OpenChannel(endpoint);
  if (!channel.ok()) return channel.status();
  return Over(*channel, std::move(pair->chain), *std::move(pair->key),
              &absl::Now);
}

std::unique_ptr<BrokerLink> BrokerLink::Over(
    const std::shared_ptr<grpc::Channel>& channel,
    std::vector<certs::Certificate> chain, certs::PrivateKey key,
    std::function<absl::Time()> clock) {
  return std::unique_ptr<BrokerLink>(new BrokerLink(
      channel, std::move(chain), std::move(key), std::move(clock)));
}

absl::StatusOr<std::vector<crypto::Hash>> HashesOf(
    const google::protobuf::RepeatedPtrField<std::string>& packed) {
  std::vector<crypto::Hash> hashes;
  hashes.reserve(static_cast<size_t>(packed.size()));
  for (const std::string& bytes : packed) {
    crypto::Hash hash;
    if (bytes.size() != hash.size()) {
      return absl::DataLossError("a hash of a proof is not of 32 bytes");
    }
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    hashes.push_back(hash);
  }
  return hashes;
}

}  // namespace entente::client
