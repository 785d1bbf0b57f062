#include "client/command_agency.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/connected.h"
#include "client/durable_file.h"
#include "client/rpc/receipts.h"

namespace entente::client {
namespace {

constexpr int kAgenciesAtOnce = 500;

struct AddOptions {
  std::string agency;
  std::string name;
  std::string root;
};

struct RevocationOptions {
  std::string agency;
  std::string certificate;
  std::string fingerprint;
  std::string reason;
};

absl::StatusOr<certs::Certificate> ReadCertificate(const std::string& file) {
  const absl::StatusOr<std::string> pem = ReadFile(file, certs::kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  absl::StatusOr<certs::Certificate> certificate =
      certs::Certificate::FromPem(*pem);
  if (!certificate.ok()) return Annotate(certificate.status(), file);
  return certificate;
}

// The entry of a receipt of the broker's own ledger, about `subject`.
absl::StatusOr<VerifiedReceipt> CheckReceipt(const Profile& profile,
                                             const v1::Receipt& receipt,
                                             policy::EntryKind kind,
                                             const std::string& subject) {
  auto verified = VerifyReceipt(profile, kBrokerLedger, receipt, kind);
  if (verified.ok() && verified->entry.subject != subject) {
    return VerificationError("the broker recorded something else",
                             verified->entry.subject);
  }
  return verified;
}

absl::Status Add(Session& session, const AddOptions& options) {
  const auto root = ReadCertificate(options.root);
  if (!root.ok()) return root.status();
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  v1::AddAgencyRequest request;
  request.set_agency(options.agency);
  request.set_name(options.name);
  request.set_root_pem(root->ToPem());
  const auto response = Call(connected->link->directory(),
                             &v1::Directory::Stub::AddAgency, request);
  if (!response.ok()) return response.status();
  const auto receipt =
      CheckReceipt(connected->profile, response->receipt(),
                   policy::EntryKind::kAgencyAdded, root->SpkiSha256());
  if (!receipt.ok()) return receipt.status();
  session.out().Print({{"agency", options.agency},
                       {"name", response->agency().name()},
                       {"root", root->SpkiSha256()},
                       {"ledger", response->receipt().ledger()},
                       {"entry", receipt->index}});
  return absl::OkStatus();
}

Record Describe(const v1::Agency& agency) {
  Record record = {{"agency", agency.agency()},
                   {"name", agency.name()},
                   {"root", agency.root()},
                   {"bundle_digest", Value()},
                   {"added", TimeText(agency.add_time())}};
  if (!agency.bundle_digest().empty()) {
    record[3].second = crypto::ToHex(crypto::AsBytes(agency.bundle_digest()));
  }
  return record;
}

absl::StatusOr<std::vector<v1::Agency>> FetchAll(BrokerLink& link) {
  std::vector<v1::Agency> agencies;
  v1::ListAgenciesRequest request;
  request.set_page_size(kAgenciesAtOnce);
  do {
    const auto page =
        Call(link.directory(), &v1::Directory::Stub::ListAgencies, request);
    if (!page.ok()) return page.status();
    agencies.insert(agencies.end(), page->agencies().begin(),
                    page->agencies().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return agencies;
}

absl::Status ListAgencies(Session& session) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto agencies = FetchAll(*connected->link);
  if (!agencies.ok()) return agencies.status();
  std::vector<Record> rows;
  for (const v1::Agency& agency : *agencies) rows.push_back(Describe(agency));
  session.out().PrintList(
      "agencies", {"agency", "name", "root", "bundle_digest", "added"}, rows);
  return absl::OkStatus();
}

absl::Status Show(Session& session, const std::string& id) {
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  const auto agencies = FetchAll(*connected->link);
  if (!agencies.ok()) return agencies.status();
  for (const v1::Agency& agency : *agencies) {
    if (agency.agency() != id) continue;
    Record record = Describe(agency);
    record.emplace_back("root_pem", agency.root_pem());
    session.out().Print(record);
    return absl::OkStatus();
  }
  return ToStatus({.what = absl::StrCat("no agency ", id),
                   .next = "entente agency list",
                   .code = "NO_AGENCY"});
}

absl::Status EndCertificate(Session& session,
                            const RevocationOptions& options) {
  if (options.certificate.empty() == options.fingerprint.empty()) {
    return UsageError("which certificate?",
                      "give either --certificate FILE or --fingerprint HEX");
  }
  v1::RevokeCertificateRequest request;
  std::string fingerprint = options.fingerprint;
  if (!options.certificate.empty()) {
    const auto certificate = ReadCertificate(options.certificate);
    if (!certificate.ok()) return certificate.status();
    fingerprint = certificate->Fingerprint();
    request.set_certificate_pem(certificate->ToPem());
  }
  const absl::StatusOr<Connected> connected = Connect(session);
  if (!connected.ok()) return connected.status();
  request.set_fingerprint(fingerprint);
  request.set_reason(options.reason);
  request.set_agency(options.agency.empty()
                         ? connected->profile.settings().agency
                         : options.agency);
  const auto response = Call(connected->link->directory(),
                             &v1::Directory::Stub::RevokeCertificate, request);
  if (!response.ok()) return response.status();
  const auto receipt =
      CheckReceipt(connected->profile, response->receipt(),
                   policy::EntryKind::kCertificateRevoked, fingerprint);
  if (!receipt.ok()) return receipt.status();
  session.out().Print({{"fingerprint", fingerprint},
                       {"agency", request.agency()},
                       {"ledger", response->receipt().ledger()},
                       {"entry", receipt->index}});
  return absl::OkStatus();
}

void RegisterAdd(Command& group) {
  auto options = std::make_shared<AddOptions>();
  group
      .Sub("add", "Registers an agency with its root; the operator's",
           "entente --profile operator agency add wessex --name \"Wessex "
           "Police\" --root wessex-root.pem")
      .Positional("ID", "A lower-case slug", &options->agency)
      .Required("--name", "TEXT", "The organisation's name", &options->name)
      .Required("--root", "FILE", "Its root certificate", &options->root)
      .Does(Effect::kMutates, Prints::kOne,
            [options](Session& session) { return Add(session, *options); });
}

void RegisterRevocation(Command& group) {
  auto options = std::make_shared<RevocationOptions>();
  group
      .Sub("revoke", "Ends a certificate for ever",
           "entente agency revoke wessex --certificate lost.pem --reason "
           "\"laptop stolen\"")
      .OptionalPositional("AGENCY", "Whose; your own if not said",
                          &options->agency)
      .Option("--certificate", "FILE", "The certificate", &options->certificate)
      .Option("--fingerprint", "HEX", "Or its SHA-256", &options->fingerprint)
      .Required("--reason", "TEXT", "For the ledger", &options->reason)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return EndCertificate(session, *options);
      });
}

}  // namespace

void RegisterAgencyCommands(Command& root) {
  Command group = root.Sub("agency", "Who takes part", "entente agency list");
  RegisterAdd(group);
  group.Sub("list", "All agencies", "entente agency list")
      .Does(Effect::kReads, Prints::kList, ListAgencies);
  auto id = std::make_shared<std::string>();
  group.Sub("show", "One agency", "entente agency show wessex")
      .Positional("ID", "Its id", id.get())
      .Does(Effect::kReads, Prints::kOne,
            [id](Session& session) { return Show(session, *id); });
  RegisterRevocation(group);
}

}  // namespace entente::client
