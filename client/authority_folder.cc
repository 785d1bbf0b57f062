#include "client/authority_folder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/json_members.h"
#include "certs/revocation_list.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "crypto/hex.h"
#include "crypto/json.h"

namespace entente::client {
namespace {

constexpr size_t kMaxRegisterBytes = 64 << 20;
constexpr absl::string_view kRootFile = "root.pem";
constexpr absl::string_view kKeyFile = "root.key";
constexpr absl::string_view kRegisterFile = "issued.jsonl";
constexpr absl::string_view kRevocationListFile = "crl.pem";

std::string Join(const std::string& folder, absl::string_view file) {
  return absl::StrCat(folder, "/", file);
}

absl::StatusOr<std::string> LineOf(const IssuedCertificate& issued) {
  crypto::Json json = {
      {"serial", issued.serial},
      {"fingerprint", issued.fingerprint},
      {"uri", issued.uri},
      {"issued", absl::ToUnixSeconds(issued.issued)},
      {"not_after", absl::ToUnixSeconds(issued.not_after)},
      {"reason", issued.reason},
      {"revoked",
       issued.revoked.has_value() ? absl::ToUnixSeconds(*issued.revoked) : 0}};
  return crypto::CanonicalJson(json);
}

absl::StatusOr<IssuedCertificate> ParseLine(absl::string_view line) {
  const absl::StatusOr<crypto::Json> json = crypto::ParseJson(line);
  if (!json.ok()) return json.status();
  certs::JsonMembers members(*json, "the line");
  IssuedCertificate issued;
  issued.serial = members.Text("serial");
  issued.fingerprint = members.HexDigest("fingerprint");
  issued.uri = members.Text("uri");
  issued.issued = absl::FromUnixSeconds(members.Integer("issued"));
  issued.not_after = absl::FromUnixSeconds(members.Integer("not_after"));
  issued.reason = members.Text("reason");
  const int64_t revoked = members.Integer("revoked");
  if (revoked != 0) issued.revoked = absl::FromUnixSeconds(revoked);
  if (absl::Status read = members.Finish(); !read.ok()) return read;
  return issued;
}

absl::StatusOr<certs::PrivateKey> ReadKey(const std::string& path) {
  const absl::StatusOr<crypto::Secret> pem = ReadPrivate(path);
  if (!pem.ok()) return pem.status();
  return certs::PrivateKey::FromPem(crypto::AsText(pem->Expose()));
}

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

absl::Status Damaged(const std::string& path, const absl::Status& why) {
  return absl::DataLossError(
      absl::StrCat(path, " is damaged: ", why.message()));
}

}  // namespace

absl::string_view IssuedCertificate::StateAt(absl::Time now) const {
  if (revoked.has_value()) return "revoked";
  return now > not_after ? "expired" : "valid";
}

absl::StatusOr<AuthorityFolder> AuthorityFolder::Create(
    const std::string& folder, absl::string_view name, absl::Time now,
    int years) {
  absl::StatusOr<certs::Authority> authority =
      certs::Authority::Create(name, now, years);
  if (!authority.ok()) return authority.status();
  if (absl::Status made = MakeFolders(folder); !made.ok()) return made;
  absl::StatusOr<FolderLock> lock = FolderLock::Acquire(folder);
  if (!lock.ok()) return lock.status();
  const std::string root = Join(folder, kRootFile);
  if (Exists(root)) {
    return absl::AlreadyExistsError(
        absl::StrCat("there is an authority in ", folder));
  }
  const absl::StatusOr<crypto::Secret> pem = authority->key().ToPem();
  if (!pem.ok()) return pem.status();
  if (absl::Status kept = CreatePrivate(Join(folder, kKeyFile), pem->Expose());
      !kept.ok()) {
    return kept;
  }
  AuthorityFolder made(folder, *std::move(lock), *std::move(authority));
  absl::Status written = made.WriteRegister();
  if (written.ok()) written = made.WriteRevocationList(now);
  // Last: a folder with a root is a whole one.
  if (written.ok()) {
    written = WriteDurably(root, made.authority_.root().ToPem(), 0644);
  }
  if (!written.ok()) return written;
  return made;
}

absl::StatusOr<AuthorityFolder> AuthorityFolder::Open(
    const std::string& folder) {
  const std::string path = Join(folder, kRootFile);
  if (!Exists(path)) {
    return ToStatus({.what = absl::StrCat("no authority in ", folder),
                     .why = absl::StrCat(path, " does not exist"),
                     .next = "entente ca init --help",
                     .code = "NOT_FOUND"});
  }
  absl::StatusOr<FolderLock> lock = FolderLock::Acquire(folder);
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<std::string> pem = ReadFile(path, certs::kMaxPemBytes);
  if (!pem.ok()) return pem.status();
  const absl::StatusOr<certs::Certificate> root =
      certs::Certificate::FromPem(*pem);
  if (!root.ok()) return Damaged(path, root.status());
  absl::StatusOr<certs::PrivateKey> key = ReadKey(Join(folder, kKeyFile));
  if (!key.ok()) return key.status();
  absl::StatusOr<certs::Authority> authority =
      certs::Authority::Open(*root, *std::move(key));
  if (!authority.ok()) return Damaged(folder, authority.status());
  AuthorityFolder opened(folder, *std::move(lock), *std::move(authority));
  if (absl::Status read = opened.ReadRegister(); !read.ok()) return read;
  return opened;
}

std::string AuthorityFolder::Path(absl::string_view file) const {
  return Join(folder_, file);
}

absl::StatusOr<certs::Certificate> AuthorityFolder::Issue(
    const certs::LeafRequest& request, const certs::PrivateKey& key,
    absl::Time now) {
  return Register(authority_.Issue(request, key), now);
}

absl::StatusOr<certs::Certificate> AuthorityFolder::IssueForRequest(
    const certs::LeafRequest& request, absl::string_view csr_pem,
    absl::Time now) {
  return Register(authority_.IssueForRequest(request, csr_pem), now);
}

absl::StatusOr<certs::Certificate> AuthorityFolder::Register(
    absl::StatusOr<certs::Certificate> certificate, absl::Time now) {
  if (!certificate.ok()) return certificate;
  const absl::StatusOr<certs::Identity> identity = certificate->Identity();
  if (!identity.ok()) return identity.status();
  issued_.push_back({certificate->SerialHex(), certificate->Fingerprint(),
                     identity->ToUri(), WholeSeconds(now),
                     certificate->NotAfter(), std::nullopt, ""});
  if (absl::Status written = WriteRegister(); !written.ok()) {
    issued_.pop_back();
    return written;
  }
  return certificate;
}

absl::StatusOr<IssuedCertificate> AuthorityFolder::Revoke(
    absl::string_view serial_or_print, absl::string_view reason,
    absl::Time now) {
  if (reason.size() > kMaxReasonBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a reason has at most ", kMaxReasonBytes, " bytes"));
  }
  for (IssuedCertificate& issued : issued_) {
    if (issued.serial != serial_or_print &&
        issued.fingerprint != serial_or_print) {
      continue;
    }
    if (!issued.revoked.has_value()) {
      issued.revoked = WholeSeconds(now);
      issued.reason = std::string(reason);
      if (absl::Status written = WriteRegister(); !written.ok()) {
        issued.revoked.reset();
        issued.reason.clear();
        return written;
      }
    }
    // Also if it was revoked before: a crash may have come between the two.
    if (absl::Status written = WriteRevocationList(now); !written.ok()) {
      return written;
    }
    return issued;
  }
  return absl::NotFoundError(absl::StrCat("the authority in ", folder_,
                                          " never issued ", serial_or_print));
}

absl::Status AuthorityFolder::ReadRegister() {
  const std::string path = Path(kRegisterFile);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxRegisterBytes);
  if (!text.ok()) return text.status();
  for (const absl::string_view line :
       absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    absl::StatusOr<IssuedCertificate> issued = ParseLine(line);
    if (!issued.ok()) return Damaged(path, issued.status());
    issued_.push_back(*std::move(issued));
  }
  return absl::OkStatus();
}

absl::Status AuthorityFolder::WriteRegister() const {
  std::string text;
  for (const IssuedCertificate& issued : issued_) {
    const absl::StatusOr<std::string> line = LineOf(issued);
    if (!line.ok()) return line.status();
    absl::StrAppend(&text, *line, "\n");
  }
  return WriteDurably(Path(kRegisterFile), text, 0600);
}

absl::Status AuthorityFolder::WriteRevocationList(absl::Time now) const {
  std::vector<certs::RevokedSerial> revoked;
  for (const IssuedCertificate& issued : issued_) {
    if (issued.revoked.has_value()) {
      revoked.push_back({issued.serial, *issued.revoked});
    }
  }
  const absl::StatusOr<std::string> pem = certs::MakeRevocationList(
      authority_, revoked, static_cast<uint64_t>(absl::ToUnixMillis(now)), now,
      now + kRevocationListValidity);
  if (!pem.ok()) return pem.status();
  return WriteDurably(Path(kRevocationListFile), *pem, 0644);
}

}  // namespace entente::client
