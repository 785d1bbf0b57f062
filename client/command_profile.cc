#include "client/command_profile.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/certificate.h"
#include "certs/identity.h"
#include "client/durable_file.h"
#include "client/expiry.h"
#include "client/profile_renewal.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

constexpr size_t kMaxPemBytes = 1 << 20;

struct InitOptions {
  std::string name;
  std::string agency;
  std::string role;
  std::string trust_domain;
  std::string broker;
  std::string broker_name;
  std::string ledger_key;
  std::string broker_root;
  std::string root;
  std::string certificate;
  std::string key;
};

// Takes `value` unless the option said something else.
absl::Status Settle(const char* option, const std::string& value,
                    std::string* into) {
  if (into->empty()) *into = value;
  if (*into == value) return absl::OkStatus();
  return UsageError(
      absl::StrCat(option, " is ", *into, ", but the certificate says ", value),
      absl::StrCat("leave ", option, " out"));
}

// Who the owner is stands in the certificate. Checks on the way that key,
// certificate and root belong together, since a broker that hangs up does not
// say why.
absl::Status TakeIdentity(InitOptions* options) {
  if (options->certificate.empty()) {
    if (options->role.empty()) options->role = "system";
    return absl::OkStatus();
  }
  const auto pem = ReadFile(options->certificate, kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  const auto chain = certs::Certificate::ChainFromPem(*pem);
  if (!chain.ok()) return Annotate(chain.status(), options->certificate);
  const auto identity = chain->front().Identity();
  if (!identity.ok()) return Annotate(identity.status(), options->certificate);
  const bool is_operator = identity->kind == certs::Identity::Kind::kOperator;
  if (!is_operator && identity->kind != certs::Identity::Kind::kAgency) {
    return UsageError("a broker's certificate makes no profile",
                      "issue one for an agency's role or an operator");
  }
  if (!options->root.empty()) {
    const auto root_pem = ReadFile(options->root, kMaxPemBytes);
    if (!root_pem.ok()) return root_pem.status();
    const auto root = certs::Certificate::FromPem(*root_pem);
    if (!root.ok()) return Annotate(root.status(), options->root);
    if (absl::Status verified = certs::VerifyChain(*chain, *root, absl::Now(),
                                                   certs::Usage::kClient);
        !verified.ok()) {
      return Annotate(
          verified, absl::StrCat(options->certificate, " does not count under ",
                                 options->root));
    }
  }
  absl::Status settled =
      Settle("--trust-domain", identity->trust_domain, &options->trust_domain);
  if (settled.ok()) {
    settled = Settle(
        "--role",
        is_operator ? "operator" : std::string(certs::RoleName(identity->role)),
        &options->role);
  }
  if (settled.ok() && !is_operator) {
    settled = Settle("--agency", identity->agency, &options->agency);
  }
  return settled;
}

// The settings as the options say them, read as a file's are.
absl::StatusOr<ProfileSettings> SettingsOf(const InitOptions& options) {
  const std::string agency =
      options.agency.empty() ? "" : absl::StrCat("agency: ", options.agency);
  return ParseSettings(
      absl::StrCat("role: ", options.role, "\n", agency, "\ntrust_domain: ",
                   options.trust_domain, "\nbroker_address: ", options.broker,
                   "\nbroker_name: ", options.broker_name,
                   "\nbroker_ledger_key: ", options.ledger_key, "\n"),
      "the options");
}

absl::Status InstallFrom(const Profile& profile, absl::string_view file,
                         const std::string& from) {
  if (from.empty()) return absl::OkStatus();
  if (file == "key.pem") {
    if (absl::Status checked = CheckPrivate(from); !checked.ok()) {
      return checked;
    }
  }
  absl::StatusOr<std::string> content = ReadFile(from, kMaxPemBytes);
  if (!content.ok()) return content.status();
  absl::Status installed = profile.Install(file, *content);
  sodium_memzero(content->data(), content->size());
  return Annotate(installed, absl::StrCat("cannot use ", from));
}

// Before anything is made: a half-made profile would be in the way.
absl::Status CheckReadable(const InitOptions& options) {
  for (const std::string& file :
       {options.broker_root, options.root, options.certificate, options.key}) {
    if (!file.empty() && !Exists(file)) {
      return absl::NotFoundError(absl::StrCat("no file ", file));
    }
  }
  return absl::OkStatus();
}

Record Describe(const Profile& profile) {
  const ProfileSettings& settings = profile.settings();
  Record record = {
      {"profile", profile.name()},
      {"folder", profile.folder()},
      {"agency", settings.agency},
      {"role", ProfileRoleName(settings.role)},
      {"trust_domain", settings.trust_domain},
      {"broker_address", settings.broker_address},
      {"broker_name", settings.broker_name},
      {"broker_ledger_key", crypto::ToBase64(settings.ledger_key)}};
  std::vector<Value> present;
  std::vector<Value> missing;
  for (const absl::string_view file :
       {"broker-root.pem", "root.pem", "certificate.pem", "key.pem"}) {
    (Exists(profile.Path(file)) ? present : missing).emplace_back(file);
  }
  record.emplace_back("certificates", std::move(present));
  record.emplace_back("missing", std::move(missing));
  if (const auto key = profile.BatchKey(); key.ok()) {
    record.emplace_back("batch_key",
                        crypto::ToBase64(key->public_key().bytes()));
  }
  if (const auto key = profile.KemKey(); key.ok()) {
    record.emplace_back("kem_key", crypto::ToBase64(key->public_key().bytes()));
  }
  if (const auto y = profile.PseudonymKey(); y.ok()) {
    if (const auto point = crypto::MulBase(*y); point.ok()) {
      record.emplace_back("pseudonym_key", crypto::ToBase64(point->bytes()));
    }
  }
  return record;
}

absl::Status Init(Session& session, InitOptions options) {
  const absl::StatusOr<std::string> folder =
      session.NewProfileFolder(options.name);
  if (!folder.ok()) return folder.status();
  if (absl::Status readable = CheckReadable(options); !readable.ok()) {
    return readable;
  }
  if (absl::Status taken = TakeIdentity(&options); !taken.ok()) return taken;
  const absl::StatusOr<ProfileSettings> settings = SettingsOf(options);
  if (!settings.ok()) {
    return UsageError(settings.status().message(),
                      "entente profile init --help");
  }
  const absl::StatusOr<Profile> profile = Profile::Create(*folder, *settings);
  if (!profile.ok()) return profile.status();
  for (const auto& [file, from] :
       std::initializer_list<std::pair<absl::string_view, std::string>>{
           {"broker-root.pem", options.broker_root},
           {"root.pem", options.root},
           {"certificate.pem", options.certificate},
           {"key.pem", options.key}}) {
    if (absl::Status installed = InstallFrom(*profile, file, from);
        !installed.ok()) {
      return Annotate(installed, absl::StrCat("the profile was made, but ",
                                              file, " is not in it"));
    }
  }
  session.out().Print(Describe(*profile));
  return absl::OkStatus();
}

void RegisterInit(Command& group) {
  auto options = std::make_shared<InitOptions>();
  InitOptions* o = options.get();
  group
      .Sub("init", "Makes a profile, and a system's keys in it",
           "entente profile init wessex --broker broker.example:7443 "
           "--broker-name broker.example --ledger-key BASE64 --broker-root "
           "broker-root.pem --certificate certificate.pem --key key.pem --root "
           "root.pem")
      .OptionalPositional("NAME", "The profile's name, or a path with a slash",
                          &o->name)
      .Option("--agency", "ID", "The agency, if there is no certificate yet",
              &o->agency)
      .Option("--role", "ROLE",
              "system (the default), signatory, auditor or operator, likewise",
              &o->role)
      .Option("--trust-domain", "DOMAIN", "Of all certificates, likewise",
              &o->trust_domain)
      .Required("--broker", "HOST:PORT", "Where the broker is", &o->broker)
      .Required("--broker-name", "NAME", "How the broker signs its ledgers",
                &o->broker_name)
      .Required("--ledger-key", "BASE64",
                "The broker's ledger key, as it stands in the agreement",
                &o->ledger_key)
      .Option("--broker-root", "FILE", "Root of the broker's certificate",
              &o->broker_root)
      .Option("--root", "FILE", "The agency's own root", &o->root)
      .Option("--certificate", "FILE", "The certificate", &o->certificate)
      .Option("--key", "FILE", "Its private key, readable by you alone",
              &o->key)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Init(session, *options); });
}

struct RenewOptions {
  std::string certificate;
  std::string key;
};

absl::StatusOr<NewPair> ReadNewPair(const Profile& profile,
                                    const RenewOptions& options) {
  const auto pem = ReadFile(options.certificate, certs::kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  auto chain = certs::Certificate::ChainFromPem(*pem);
  if (!chain.ok()) return Annotate(chain.status(), options.certificate);
  // A certificate that was issued for the key that is there needs no other.
  const std::string file =
      options.key.empty() ? profile.Path("key.pem") : options.key;
  if (absl::Status checked = CheckPrivate(file); !checked.ok()) return checked;
  auto key_pem = ReadFile(file, certs::kMaxPemBytes);
  if (!key_pem.ok()) return key_pem.status();
  auto key = certs::PrivateKey::FromPem(*key_pem);
  sodium_memzero(key_pem->data(), key_pem->size());
  if (!key.ok()) return Annotate(key.status(), file);
  return NewPair{*std::move(chain), *std::move(key)};
}

absl::Status Renew(Session& session, const RenewOptions& options) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const absl::StatusOr<NewPair> pair = ReadNewPair(*profile, options);
  if (!pair.ok()) return pair.status();
  const absl::Time now = absl::Now();
  if (absl::Status good = CheckPair(*profile, *pair, now); !good.ok()) {
    return good;
  }
  if (absl::Status swapped = SwapPair(*profile, *pair); !swapped.ok()) {
    return swapped;
  }
  const certs::Certificate& leaf = pair->chain.front();
  session.out().Print({{"profile", profile->name()},
                       {"uri", leaf.Identity()->ToUri()},
                       {"fingerprint", leaf.Fingerprint()},
                       {"not_after", InstantText(leaf.NotAfter())},
                       {"days", DaysLeft(leaf.NotAfter(), now)}});
  session.out().Say(
      "next: entente doctor; and if anybody else may have had the old key: "
      "entente agency revoke");
  return absl::OkStatus();
}

void RegisterRenew(Command& group) {
  auto options = std::make_shared<RenewOptions>();
  group
      .Sub("renew", "Replaces the certificate and its key, if they are good",
           "entente profile renew --certificate certificate.pem --key key.pem")
      .Required("--certificate", "FILE",
                "The new certificate, and what stands between it and the root",
                &options->certificate)
      .Option("--key", "FILE",
              "Its private key, readable by you alone; the present one if "
              "left out",
              &options->key)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Renew(session, *options); });
}

}  // namespace

void RegisterProfileCommands(Command& root) {
  Command group = root.Sub("profile", "The folder that you work with",
                           "entente profile show");
  RegisterInit(group);
  RegisterRenew(group);
  group.Sub("show", "What stands in it; no secrets", "entente profile show")
      .Does(Effect::kReads, Prints::kOne, [](Session& session) -> absl::Status {
        const absl::StatusOr<Profile> profile = session.OpenProfile();
        if (!profile.ok()) return profile.status();
        session.out().Print(Describe(*profile));
        return absl::OkStatus();
      });
}

}  // namespace entente::client
