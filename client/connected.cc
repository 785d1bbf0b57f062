#include "client/connected.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "certs/signed_document.h"
#include "client/durable_file.h"
#include "client/error.h"

namespace entente::client {

absl::StatusOr<Connected> Connect(Session& session) {
  absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  absl::StatusOr<std::unique_ptr<BrokerLink>> link = BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  std::unique_ptr<LocalStore> store;
  if (profile->settings().role == ProfileRole::kSystem) {
    absl::StatusOr<std::unique_ptr<LocalStore>> opened =
        LocalStore::Open(*profile);
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
  }
  return Connected{*std::move(profile), *std::move(link), std::move(store)};
}

absl::StatusOr<certs::Certificate> RootOf(const Profile& profile) {
  const std::string path = profile.Path("root.pem");
  const absl::StatusOr<std::string> pem = ReadFile(path, certs::kMaxPemBytes);
  if (!pem.ok()) {
    return Annotate(pem.status(), absl::StrCat("cannot read ", path));
  }
  absl::StatusOr<certs::Certificate> root = certs::Certificate::FromPem(*pem);
  if (!root.ok()) return Annotate(root.status(), path);
  return root;
}

absl::StatusOr<crypto::Envelope> SignAs(const Connected& connected,
                                        absl::string_view payload_type,
                                        absl::Span<const uint8_t> payload) {
  absl::StatusOr<certs::Certificate> root = RootOf(connected.profile);
  if (!root.ok()) return root.status();
  std::vector<certs::Certificate> chain = connected.link->chain();
  if (chain.back().Fingerprint() != root->Fingerprint()) {
    chain.push_back(*std::move(root));
  }
  return certs::SignDocument(payload_type, payload, connected.link->key(),
                             chain);
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

}  // namespace entente::client
