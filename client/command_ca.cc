#include "client/command_ca.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/certificate.h"
#include "certs/identity.h"
#include "certs/private_key.h"
#include "client/authority_folder.h"
#include "client/durable_file.h"

namespace entente::client {
namespace {

// A certificate counts at once where the clock is a little behind ours.
constexpr absl::Duration kClockAllowance = absl::Minutes(5);
constexpr size_t kMaxRequestBytes = 64 << 10;
constexpr size_t kMaxCertificateBytes = 64 << 10;

std::string UtcText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

Record Describe(const IssuedCertificate& issued, absl::Time now) {
  return {{"serial", issued.serial},
          {"fingerprint", issued.fingerprint},
          {"uri", issued.uri},
          {"not_after", UtcText(issued.not_after)},
          {"state", issued.StateAt(now)}};
}

struct InitOptions {
  std::string folder;
  std::string name;
  uint64_t years = 10;
};

absl::Status Init(Session& session, const InitOptions& options) {
  const absl::StatusOr<AuthorityFolder> made =
      AuthorityFolder::Create(options.folder, options.name, absl::Now(),
                              static_cast<int>(options.years));
  if (!made.ok()) {
    return Annotate(made.status(), "the authority was not made");
  }
  const certs::Certificate& root = made->authority().root();
  session.out().Say(
      absl::StrCat("whoever holds ", made->Path("root.key"),
                   " can issue certificates in this name: back it up, and keep "
                   "it off machines that do not need it"));
  session.out().Print({{"root", made->Path("root.pem")},
                       {"root_spki", root.SpkiSha256()},
                       {"not_after", UtcText(root.NotAfter())}});
  return absl::OkStatus();
}

struct IssueOptions {
  std::string folder;
  std::string uri;
  std::string out;
  std::vector<std::string> dns;
  std::vector<std::string> ips;
  uint64_t days = 365;
  std::string request;
};

// The files that a certificate and its key go to.
struct Destination {
  std::string certificate;
  std::string key;  // empty if a signing request brought its own
};

absl::StatusOr<Destination> Prepare(const IssueOptions& options) {
  Destination to = {absl::StrCat(options.out, "/certificate.pem"),
                    options.request.empty()
                        ? absl::StrCat(options.out, "/key.pem")
                        : std::string()};
  for (const std::string& path : {to.certificate, to.key}) {
    if (!path.empty() && Exists(path)) {
      return ToStatus({.what = absl::StrCat(path, " is there already"),
                       .next =
                           "name another folder; to renew, issue into a new "
                           "one and install both files together",
                       .code = "ALREADY_EXISTS",
                       .exit = ExitCode::kConflict});
    }
  }
  if (absl::Status made = MakeFolders(options.out); !made.ok()) return made;
  return to;
}

// A fresh key in its file, then a certificate for it.
absl::StatusOr<certs::Certificate> IssueWithKey(AuthorityFolder* authority,
                                                const certs::LeafRequest& leaf,
                                                const std::string& key_file,
                                                absl::Time now) {
  const absl::StatusOr<certs::PrivateKey> key =
      certs::PrivateKey::Generate(certs::PrivateKey::Kind::kP256);
  if (!key.ok()) return key.status();
  absl::StatusOr<certs::Certificate> certificate =
      authority->Issue(leaf, *key, now);
  if (!certificate.ok()) return certificate;
  const absl::StatusOr<crypto::Secret> pem = key->ToPem();
  if (!pem.ok()) return pem.status();
  if (absl::Status kept = CreatePrivate(key_file, pem->Expose()); !kept.ok()) {
    return kept;
  }
  return certificate;
}

absl::StatusOr<certs::Certificate> IssueForRequest(
    Session& session, AuthorityFolder* authority,
    const certs::LeafRequest& leaf, const std::string& request,
    absl::Time now) {
  const absl::StatusOr<std::string> csr =
      ReadInput(session, request, kMaxRequestBytes);
  if (!csr.ok()) return csr.status();
  return authority->IssueForRequest(leaf, *csr, now);
}

absl::Status Issue(Session& session, const IssueOptions& options) {
  const absl::StatusOr<certs::Identity> identity =
      certs::Identity::Parse(options.uri);
  if (!identity.ok()) {
    return UsageError(
        absl::StrCat("--uri: ", identity.status().message()),
        "spiffe://TRUST-DOMAIN/agency/AGENCY/ROLE/NAME, where ROLE is system, "
        "signatory or auditor; or …/operator/NAME, …/broker/NAME");
  }
  absl::StatusOr<AuthorityFolder> authority =
      AuthorityFolder::Open(options.folder);
  if (!authority.ok()) return authority.status();
  const absl::Time now = absl::Now();
  const certs::LeafRequest leaf = {
      *identity, options.dns, options.ips,
      std::max(now - kClockAllowance,
               authority->authority().root().NotBefore()),
      now + absl::Hours(24) * static_cast<int64_t>(options.days)};
  const absl::StatusOr<Destination> to = Prepare(options);
  if (!to.ok()) return to.status();
  const absl::StatusOr<certs::Certificate> certificate =
      options.request.empty()
          ? IssueWithKey(&*authority, leaf, to->key, now)
          : IssueForRequest(session, &*authority, leaf, options.request, now);
  if (!certificate.ok()) {
    return Annotate(certificate.status(), "no certificate was issued");
  }
  if (absl::Status written =
          WriteDurably(to->certificate, certificate->ToPem(), 0644);
      !written.ok()) {
    return written;
  }
  Record record = {{"certificate", to->certificate}};
  if (!to->key.empty()) record.emplace_back("key", to->key);
  record.emplace_back("fingerprint", certificate->Fingerprint());
  record.emplace_back("uri", identity->ToUri());
  record.emplace_back("serial", certificate->SerialHex());
  record.emplace_back("not_after", UtcText(certificate->NotAfter()));
  session.out().Print(record);
  return absl::OkStatus();
}

struct RevokeOptions {
  std::string folder;
  std::string fingerprint;
  std::string serial;
  std::string reason;
};

absl::Status Revoke(Session& session, const RevokeOptions& options) {
  if (options.fingerprint.empty() == options.serial.empty()) {
    return UsageError("give either --fingerprint or --serial",
                      "entente ca list shows both");
  }
  absl::StatusOr<AuthorityFolder> authority =
      AuthorityFolder::Open(options.folder);
  if (!authority.ok()) return authority.status();
  const absl::Time now = absl::Now();
  const absl::StatusOr<IssuedCertificate> revoked = authority->Revoke(
      options.fingerprint.empty() ? options.serial : options.fingerprint,
      options.reason, now);
  if (!revoked.ok()) {
    return Annotate(revoked.status(), "nothing was revoked");
  }
  session.out().Say(
      "the broker does not read this list: tell it too, with `entente agency "
      "revoke --fingerprint`");
  Record record = Describe(*revoked, now);
  record.emplace_back("crl", authority->Path("crl.pem"));
  session.out().Print(record);
  return absl::OkStatus();
}

absl::Status List(Session& session, const std::string& folder) {
  const absl::StatusOr<AuthorityFolder> authority =
      AuthorityFolder::Open(folder);
  if (!authority.ok()) return authority.status();
  const absl::Time now = absl::Now();
  std::vector<Record> rows;
  for (const IssuedCertificate& issued : authority->issued()) {
    rows.push_back(Describe(issued, now));
  }
  session.out().PrintList(
      "certificates", {"serial", "fingerprint", "uri", "not_after", "state"},
      rows);
  return absl::OkStatus();
}

absl::Status Show(Session& session, const std::string& file) {
  const absl::StatusOr<std::string> pem =
      ReadInput(session, file, kMaxCertificateBytes);
  if (!pem.ok()) return pem.status();
  const absl::StatusOr<certs::Certificate> certificate =
      certs::Certificate::FromPem(*pem);
  if (!certificate.ok()) {
    return Annotate(certificate.status(),
                    absl::StrCat(file, " does not begin with a certificate"));
  }
  const absl::StatusOr<certs::Identity> identity = certificate->Identity();
  Record record = {{"subject", certificate->SubjectText()}};
  if (identity.ok()) record.emplace_back("uri", identity->ToUri());
  record.insert(record.end(),
                {{"spki", certificate->SpkiSha256()},
                 {"fingerprint", certificate->Fingerprint()},
                 {"serial", certificate->SerialHex()},
                 {"not_before", UtcText(certificate->NotBefore())},
                 {"not_after", UtcText(certificate->NotAfter())}});
  session.out().Print(record);
  return absl::OkStatus();
}

void RegisterInit(Command& group) {
  auto options = std::make_shared<InitOptions>();
  InitOptions* o = options.get();
  group
      .Sub("init", "Makes an authority: a root certificate and its key",
           "entente ca init ca/ --name \"Northmere Police\"")
      .Positional("DIR", "The authority's folder; must not hold one yet",
                  &o->folder)
      .Required("--name", "TEXT", "Whose authority it is, for people", &o->name)
      .Number("--years", "N", "How long the root is valid", &o->years, 1,
              certs::kMaxRootYears)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Init(session, *options); });
}

void RegisterIssue(Command& group) {
  auto options = std::make_shared<IssueOptions>();
  IssueOptions* o = options.get();
  group
      .Sub("issue", "Issues a certificate, and makes its key",
           "entente ca issue ca/ --uri "
           "spiffe://entente.example/agency/northmere/system/records "
           "--out records/")
      .Positional("DIR", "The authority's folder", &o->folder)
      .Required("--uri", "URI", "Who its owner is", &o->uri)
      .Required("--out", "FOLDER", "Gets certificate.pem and key.pem", &o->out)
      .Repeated("--dns", "NAME", "A host name; for a broker", &o->dns)
      .Repeated("--ip", "ADDRESS", "An IP address; for a broker", &o->ips)
      .Number("--days", "N", "How long it is valid", &o->days, 1,
              certs::kMaxLeafDays)
      .Option("--csr", "FILE",
              "A signing request (PEM): its key is used and none is made; what "
              "it asks for is ignored",
              &o->request)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Issue(session, *options); });
}

void RegisterRevoke(Command& group) {
  auto options = std::make_shared<RevokeOptions>();
  RevokeOptions* o = options.get();
  group
      .Sub("revoke", "Revokes a certificate, and writes crl.pem",
           "entente ca revoke ca/ --serial "
           "5f3a1c0e9b7d4826a1e0c3b5d7f90214 --reason \"laptop lost\"")
      .Positional("DIR", "The authority's folder", &o->folder)
      .Option("--fingerprint", "HEX", "SHA-256 of the certificate",
              &o->fingerprint)
      .Option("--serial", "HEX", "Its serial number", &o->serial)
      .Option("--reason", "TEXT", "Why, for the register", &o->reason)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Revoke(session, *options); });
}

void RegisterList(Command& group) {
  auto folder = std::make_shared<std::string>();
  group.Sub("list", "What it issued, oldest first", "entente ca list ca/")
      .Positional("DIR", "The authority's folder", folder.get())
      .Does(Effect::kReads, Prints::kList,
            [folder](Session& session) { return List(session, *folder); });
}

void RegisterShow(Command& group) {
  auto file = std::make_shared<std::string>();
  group
      .Sub("show",
           "What a certificate says; `spki` is what agreements call a root by",
           "entente ca show westvale-root.pem")
      .Positional("FILE",
                  "The certificate (PEM), - for standard input; only "
                  "the first, if it holds a chain",
                  file.get())
      .Does(Effect::kReads, Prints::kOne,
            [file](Session& session) { return Show(session, *file); });
}

}  // namespace

void RegisterCaCommands(Command& root) {
  Command group = root.Sub(
      "ca",
      "A small certificate authority; any other that sets the URI will do",
      "entente ca init ca/ --name \"Northmere Police\"");
  RegisterInit(group);
  RegisterIssue(group);
  RegisterRevoke(group);
  RegisterList(group);
  RegisterShow(group);
}

}  // namespace entente::client
