#include "broker/tls_pair.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/durable_file.h"
#include "certs/chain_links.h"
#include "certs/private_key.h"

namespace entente::broker {
namespace {

constexpr size_t kMaxPairBytes = 64 << 10;

std::string Instant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

absl::Status Named(const std::string& file, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(file, ": ", status.message()));
}

absl::Status CheckName(const Config& config, const certs::Certificate& leaf) {
  const auto identity = leaf.Identity();
  if (!identity.ok()) return identity.status();
  if (identity->kind == certs::Identity::Kind::kBroker &&
      identity->name == config.name &&
      identity->trust_domain == config.trust_domain) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("it is for ", identity->ToUri(), ", not for spiffe://",
                   config.trust_domain, "/broker/", config.name));
}

absl::Status CheckDates(const certs::Certificate& leaf, absl::Time now) {
  if (now >= leaf.NotBefore() && now < leaf.NotAfter()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "it is valid from ", Instant(leaf.NotBefore()), " to ",
      Instant(leaf.NotAfter()), ", and it is ", Instant(now), " here"));
}

}  // namespace

absl::StatusOr<TlsPair> ReadTlsPair(const Config& config, absl::Time now) {
  TlsPair pair;
  absl::StatusOr<std::string> text =
      ReadFile(config.certificate, kMaxPairBytes);
  if (!text.ok()) return text.status();
  pair.certificate_pem = *std::move(text);
  if (absl::Status is_private = CheckPrivate(config.private_key);
      !is_private.ok()) {
    return is_private;
  }
  text = ReadFile(config.private_key, kMaxPairBytes);
  if (!text.ok()) return text.status();
  pair.key_pem = *std::move(text);
  auto chain = certs::Certificate::ChainFromPem(pair.certificate_pem);
  if (!chain.ok()) return Named(config.certificate, chain.status());
  pair.chain = *std::move(chain);
  const auto key = certs::PrivateKey::FromPem(pair.key_pem);
  if (!key.ok()) return Named(config.private_key, key.status());
  if (!key->Matches(pair.leaf())) {
    return absl::InvalidArgumentError(absl::StrCat(
        config.private_key, " is not the key of ", config.certificate));
  }
  for (const absl::Status& checked :
       {CheckName(config, pair.leaf()), CheckDates(pair.leaf(), now),
        certs::CheckUsage(pair.leaf(), certs::Usage::kServer),
        certs::CheckLinks(pair.chain)}) {
    if (!checked.ok()) return Named(config.certificate, checked);
  }
  return pair;
}

absl::Status CheckSuccessor(const TlsPair& current, const TlsPair& next) {
  if (certs::SameIssuer(current.chain.back(), next.chain.back())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "it leads to another root than the one in use, which clients have "
      "pinned; if that is meant, give every client the new root first, then "
      "start the broker again");
}

}  // namespace entente::broker
