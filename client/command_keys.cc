#include "client/command_keys.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/key_bundle.h"
#include "certs/signed_document.h"
#include "client/connected.h"
#include "client/durable_file.h"
#include "client/key_sets.h"
#include "client/rpc/receipts.h"

namespace entente::client {
namespace {

constexpr size_t kMaxBundleBytes = 64 << 10;
constexpr uint64_t kMaxDays = 800;

struct RequestOptions {
  uint64_t days = 365;
  std::string out;
  bool make_new = false;
};

// The public half of `keys`, from this second on.
absl::StatusOr<std::string> BundleOf(const Profile& profile, const KeySet& keys,
                                     uint64_t days) {
  const auto point = crypto::MulBase(keys.y);
  if (!point.ok()) return point.status();
  const auto owner = crypto::OwnerOfY(profile.settings().agency);
  if (!owner.ok()) return owner.status();
  const auto proof = crypto::ProvePossession(keys.y, *owner);
  if (!proof.ok()) return proof.status();
  std::array<uint8_t, 32> kem_key;
  const absl::Span<const uint8_t> bytes = keys.kem.public_key().bytes();
  std::copy(bytes.begin(), bytes.end(), kem_key.begin());
  const absl::Time start =
      absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  return certs::PrintKeyBundle(
      {.agency = profile.settings().agency,
       .batch_key = keys.batch.public_key(),
       .kem_key = kem_key,
       .y = *point,
       .y_proof = *proof,
       .not_before = start,
       .not_after = start + absl::Hours(24) * static_cast<int64_t>(days)});
}

absl::Status RequestKeys(Session& session, const RequestOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const absl::StatusOr<KeySet> keys =
      options.make_new ? MakeNewKeys(*profile) : NewestKeys(*profile);
  if (!keys.ok()) return keys.status();
  const absl::StatusOr<std::string> bundle =
      BundleOf(*profile, *keys, options.days);
  if (!bundle.ok()) return bundle.status();
  const std::string digest =
      crypto::ToHex(certs::KeyBundleDigest(crypto::AsBytes(*bundle)));
  if (options.out == "-") {
    session.out().PrintText(absl::StrCat(*bundle, "\n"));
    session.out().Say(absl::StrCat("bundle: ", digest));
    return absl::OkStatus();
  }
  if (absl::Status written = WriteDurably(options.out, *bundle, 0644);
      !written.ok()) {
    return written;
  }
  session.out().Print({{"bundle_digest", digest}, {"file", options.out}});
  session.out().Say(absl::StrCat(
      "next: a signatory of ", profile->settings().agency,
      " compares the digest and runs: entente keys publish ", options.out));
  return absl::OkStatus();
}

// The bundle in `file`, for the caller's own agency.
absl::StatusOr<certs::KeyBundle> ReadBundle(const Profile& profile,
                                            const std::string& file,
                                            const std::string& payload) {
  absl::StatusOr<certs::KeyBundle> bundle =
      certs::ParseKeyBundle(crypto::AsBytes(payload));
  if (!bundle.ok()) {
    return ToStatus({.what = absl::StrCat(file, " is no key bundle"),
                     .why = std::string(bundle.status().message()),
                     .next = "make one with the system's profile: entente keys "
                             "request --out FILE",
                     .code = "BAD_BUNDLE"});
  }
  if (bundle->agency != profile.settings().agency) {
    return ToStatus({.what = absl::StrCat("the bundle in ", file, " is ",
                                          bundle->agency, "'s"),
                     .next = "a signatory of that agency must publish it",
                     .code = "NOT_YOUR_AGENCY",
                     .exit = ExitCode::kRefused});
  }
  return bundle;
}

// Signs the bundle and makes sure that others will accept the signature.
absl::StatusOr<std::string> Endorse(const Connected& connected,
                                    const std::string& payload) {
  const auto envelope =
      SignAs(connected, certs::kKeyBundleType, crypto::AsBytes(payload));
  if (!envelope.ok()) return envelope.status();
  const auto root = RootOf(connected.profile);
  if (!root.ok()) return root.status();
  const auto checked = certs::VerifyKeyBundle(*envelope, root->SpkiSha256());
  if (!checked.ok()) {
    return ToStatus({.what = "this profile cannot endorse the bundle",
                     .why = std::string(checked.status().message()),
                     .next =
                         "it takes a signatory's profile, whose certificate "
                         "was in date when the bundle was requested",
                     .code = "BAD_BUNDLE"});
  }
  return crypto::PrintEnvelope(*envelope);
}

absl::Status PublishKeys(Session& session, const std::string& file) {
  absl::StatusOr<std::string> payload =
      ReadInput(session, file, kMaxBundleBytes);
  if (!payload.ok()) return payload.status();
  // As printed to standard output.
  if (!payload->empty() && payload->back() == '\n') payload->pop_back();
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto bundle = ReadBundle(connected->profile, file, *payload);
  if (!bundle.ok()) return bundle.status();
  const std::string digest =
      crypto::ToHex(certs::KeyBundleDigest(crypto::AsBytes(*payload)));
  const auto envelope = Endorse(*connected, *payload);
  if (!envelope.ok()) return envelope.status();
  v1::PublishKeyBundleRequest request;
  request.set_envelope(*envelope);
  const auto response = Call(connected->link->directory(),
                             &v1::Directory::Stub::PublishKeyBundle, request);
  if (!response.ok()) return response.status();
  const auto receipt =
      VerifyReceipt(connected->profile, kBrokerLedger, response->receipt(),
                    policy::EntryKind::kKeyBundle);
  if (!receipt.ok()) return receipt.status();
  if (receipt->entry.subject != digest) {
    return VerificationError("the broker recorded another bundle",
                             receipt->entry.subject);
  }
  session.out().Print(
      {{"bundle_digest", digest},
       {"agency", bundle->agency},
       {"not_after", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", bundle->not_after,
                                      absl::UTCTimeZone())},
       {"ledger", response->receipt().ledger()},
       {"entry", receipt->index}});
  return absl::OkStatus();
}

}  // namespace

void RegisterKeysCommands(Command& root) {
  Command group = root.Sub("keys", "The public keys that others use for you",
                           "entente keys request --out bundle.json");
  auto options = std::make_shared<RequestOptions>();
  group
      .Sub("request",
           "Writes a system's public keys, for a signatory to endorse",
           "entente keys request --days 365 --out bundle.json")
      .Number("--days", "N", "How long they are to be valid", &options->days, 1,
              kMaxDays)
      .Required("--out", "FILE", "Where to write it, or -", &options->out)
      .Flag("--new",
            "Makes new keys first; the old ones open what was sealed to them, "
            "and are used until the new bundle is published",
            &options->make_new)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return RequestKeys(session, *options);
      });
  auto file = std::make_shared<std::string>();
  group
      .Sub("publish", "Endorses a bundle as a signatory, and publishes it",
           "entente keys publish bundle.json")
      .Positional("FILE", "What `keys request` wrote, or -", file.get())
      .Does(Effect::kMutates, Prints::kOne,
            [file](Session& session) { return PublishKeys(session, *file); });
}

}  // namespace entente::client
