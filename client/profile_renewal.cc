#include "client/profile_renewal.h"

#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/doctor_local.h"
#include "client/durable_file.h"
#include "client/folder_lock.h"

namespace entente::client {
namespace {

// Key, then certificates, in one file: its rename is the one moment at which
// the pair changes.
constexpr absl::string_view kBoth = "renewal.pem";
constexpr absl::string_view kFirstCertificate = "-----BEGIN CERTIFICATE-----";

absl::Status Refused(const Check& check) {
  return ToStatus({.what = "the certificate was not renewed",
                   .why = check.why,
                   .next = check.fix,
                   .code = check.code,
                   .exit = check.exit});
}

// Takes the pair from `both` and removes it. The folder is held.
absl::Status Install(const std::string& folder, const std::string& both) {
  const absl::string_view text = both;
  const size_t split = text.find(kFirstCertificate);
  if (split == absl::string_view::npos) {
    return absl::DataLossError(
        absl::StrCat(folder, "/", kBoth, " is damaged; remove it"));
  }
  absl::Status done = WriteDurably(absl::StrCat(folder, "/key.pem"),
                                   text.substr(0, split), 0600);
  if (done.ok()) {
    done = WriteDurably(absl::StrCat(folder, "/certificate.pem"),
                        text.substr(split), 0644);
  }
  if (!done.ok()) return done;
  const std::string path = absl::StrCat(folder, "/", kBoth);
  if (unlink(path.c_str()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", path));
}

}  // namespace

absl::Status CheckPair(const Profile& profile, const NewPair& pair,
                       absl::Time now) {
  OwnFiles files = ReadOwnFiles(profile.folder());
  const std::vector<certs::Certificate> before = std::move(files.chain);
  files.chain = pair.chain;
  files.key = pair.key;
  for (const Check& check : ExamineFiles(files, now)) {
    if (check.id != CheckId::kFiles && check.state == CheckState::kNotOk) {
      return Refused(check);
    }
  }
  if (before.empty()) return absl::OkStatus();
  const auto old_owner = before.front().Identity();
  const auto new_owner = pair.chain.front().Identity();
  if (!old_owner.ok() || *old_owner == *new_owner) return absl::OkStatus();
  return Refused(Failed(
      CheckId::kIdentity, ExitCode::kNotAuthenticated, "IDENTITY_DIFFERS",
      absl::StrCat("it is for ", new_owner->ToUri(),
                   ", the present certificate for ", old_owner->ToUri()),
      "make another profile for it: entente profile init --help"));
}

absl::Status SwapPair(const Profile& profile, const NewPair& pair) {
  const auto lock = FolderLock::Acquire(profile.folder());
  if (!lock.ok()) return lock.status();
  const absl::StatusOr<crypto::Secret> key = pair.key.ToPem();
  if (!key.ok()) return key.status();
  std::string both;
  both.reserve(2 * certs::kMaxPemBytes);  // so that no copy is left behind
  both.assign(key->Expose().begin(), key->Expose().end());
  for (const certs::Certificate& one : pair.chain) {
    absl::StrAppend(&both, one.ToPem());
  }
  absl::Status done = WriteDurably(profile.Path(kBoth), both, 0600);
  if (done.ok()) done = Install(profile.folder(), both);
  sodium_memzero(both.data(), both.size());
  return done;
}

absl::Status FinishSwap(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", kBoth);
  if (!Exists(path)) return absl::OkStatus();
  const auto lock = FolderLock::Acquire(folder);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<std::string> both = ReadFile(path, 2 * certs::kMaxPemBytes);
  // Another process has finished it meanwhile.
  if (absl::IsNotFound(both.status())) return absl::OkStatus();
  if (!both.ok()) return both.status();
  absl::Status done = Install(folder, *both);
  sodium_memzero(both->data(), both->size());
  return done;
}

}  // namespace entente::client
