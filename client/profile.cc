#include "client/profile.h"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/key_file.h"
#include "client/profile_renewal.h"

namespace entente::client {
namespace {

constexpr size_t kMaxSettingsBytes = 64 << 10;
constexpr size_t kMaxPemBytes = 1 << 20;
constexpr absl::string_view kSettings = "profile.yaml";
constexpr absl::string_view kPrivate[] = {"key.pem",  "batch.key", "kem.key",
                                          "y.key",    "print.key", "table.key",
                                          "shift.key"};
constexpr absl::string_view kPem[] = {"broker-root.pem", "root.pem",
                                      "certificate.pem", "key.pem"};

// `batch` of `batch.key`.
absl::string_view KindOf(absl::string_view file) {
  return file.substr(0, file.size() - 4);
}

absl::Status MakeKeys(const Profile& profile) {
  const auto create = [&](absl::string_view file,
                          absl::Span<const uint8_t> key) {
    return CreateKeyFile(profile.Path(file), KindOf(file), key);
  };
  const auto batch = crypto::SigningKey::Generate();
  if (!batch.ok()) return batch.status();
  const auto kem = crypto::KemKey::Generate();
  if (!kem.ok()) return kem.status();
  const auto y = crypto::SecretScalar::Random();
  if (!y.ok()) return y.status();
  const auto print = crypto::Secret::Random(kKeyBytes);
  if (!print.ok()) return print.status();
  const auto table = crypto::Secret::Random(kKeyBytes);
  if (!table.ok()) return table.status();
  const auto shift = crypto::Secret::Random(kKeyBytes);
  if (!shift.ok()) return shift.status();
  for (const auto& [file, key] : std::initializer_list<
           std::pair<absl::string_view, absl::Span<const uint8_t>>>{
           {"batch.key", batch->ExposeSeed()},
           {"kem.key", kem->Expose()},
           {"y.key", y->Expose()},
           {"print.key", print->Expose()},
           {"table.key", table->Expose()},
           {"shift.key", shift->Expose()}}) {
    if (absl::Status made = create(file, key); !made.ok()) return made;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Profile> Profile::Create(const std::string& folder,
                                        const ProfileSettings& settings) {
  // Only what Open reads back may be written.
  const absl::StatusOr<ProfileSettings> checked =
      ParseSettings(SettingsText(settings), kSettings);
  if (!checked.ok()) return checked.status();
  if (absl::Status made = MakeFolders(folder); !made.ok()) return made;
  Profile profile(folder, settings);
  for (const absl::string_view file : kPrivate) {
    if (Exists(profile.Path(file)) || Exists(profile.Path(kSettings))) {
      return absl::AlreadyExistsError(
          absl::StrCat("there is a profile in ", folder,
                       "; its keys are not overwritten: choose another name"));
    }
  }
  if (settings.role == ProfileRole::kSystem) {
    if (absl::Status made = MakeKeys(profile); !made.ok()) return made;
  }
  // Last: a folder with settings is a whole profile.
  if (absl::Status written =
          WriteDurably(profile.Path(kSettings), SettingsText(settings), 0600);
      !written.ok()) {
    return written;
  }
  return profile;
}

absl::StatusOr<Profile> Profile::Open(const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", kSettings);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxSettingsBytes);
  if (absl::IsNotFound(text.status())) {
    return ToStatus({.what = absl::StrCat("no profile in ", folder),
                     .next = "make one: entente profile init --help",
                     .code = "NO_PROFILE"});
  }
  if (!text.ok()) return text.status();
  const absl::StatusOr<ProfileSettings> settings = ParseSettings(*text, path);
  if (!settings.ok()) return settings.status();
  Profile profile(folder, *settings);
  if (absl::Status finished = FinishSwap(folder); !finished.ok()) {
    return finished;
  }
  for (const absl::string_view file : kPrivate) {
    const absl::Status checked = CheckPrivate(profile.Path(file));
    if (!checked.ok() && !absl::IsNotFound(checked)) return checked;
  }
  return profile;
}

std::string Profile::name() const {
  absl::string_view folder = folder_;
  while (folder.size() > 1 && absl::ConsumeSuffix(&folder, "/")) {
  }
  const size_t slash = folder.rfind('/');
  return std::string(
      slash == absl::string_view::npos ? folder : folder.substr(slash + 1));
}

std::string Profile::Path(absl::string_view file) const {
  return absl::StrCat(folder_, "/", file);
}

absl::Status Profile::Install(absl::string_view file,
                              absl::string_view content) const {
  if (std::find(std::begin(kPem), std::end(kPem), file) == std::end(kPem) ||
      content.size() > kMaxPemBytes ||
      !absl::StrContains(content, "-----BEGIN ")) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " must be a PEM file of at most 1 MiB"));
  }
  return WriteDurably(Path(file), content, file == "key.pem" ? 0600 : 0644);
}

absl::StatusOr<crypto::Secret> Profile::Key(absl::string_view file) const {
  absl::StatusOr<crypto::Secret> key = ReadKeyFile(Path(file), KindOf(file));
  if (absl::IsNotFound(key.status())) {
    return absl::NotFoundError(absl::StrCat(
        "the profile ", name(), " (", ProfileRoleName(settings_.role),
        ") has no ", file, "; use a profile of the role system"));
  }
  return key;
}

absl::StatusOr<crypto::SigningKey> Profile::BatchKey() const {
  const absl::StatusOr<crypto::Secret> key = Key("batch.key");
  if (!key.ok()) return key.status();
  crypto::WipedArray<kKeyBytes> seed;
  std::copy(key->Expose().begin(), key->Expose().end(), seed.begin());
  return crypto::SigningKey::TakeSeed({seed.data(), seed.size()});
}

absl::StatusOr<crypto::KemKey> Profile::KemKey() const {
  const absl::StatusOr<crypto::Secret> key = Key("kem.key");
  if (!key.ok()) return key.status();
  crypto::WipedArray<kKeyBytes> bytes;
  std::copy(key->Expose().begin(), key->Expose().end(), bytes.begin());
  return crypto::KemKey::TakeFrom({bytes.data(), bytes.size()});
}

absl::StatusOr<crypto::SecretScalar> Profile::PseudonymKey() const {
  const absl::StatusOr<crypto::Secret> key = Key("y.key");
  if (!key.ok()) return key.status();
  absl::StatusOr<crypto::SecretScalar> y =
      crypto::SecretScalar::Parse(key->Expose());
  if (!y.ok()) {
    return absl::DataLossError(absl::StrCat(Path("y.key"), " is damaged"));
  }
  return y;
}

absl::StatusOr<crypto::Secret> Profile::PrintKey() const {
  return Key("print.key");
}

absl::StatusOr<crypto::Secret> Profile::TableKey() const {
  return Key("table.key");
}

std::string Profile::LedgerOrigin(absl::string_view ledger) const {
  return absl::StrCat(settings_.broker_name, "/ledgers/", ledger);
}

std::vector<std::string> ListProfiles(const std::string& base) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(base.c_str()),
                                                   &closedir);
  if (folder == nullptr) return names;
  while (const dirent* entry = readdir(folder.get())) {
    const absl::string_view name = entry->d_name;
    if (!absl::StartsWith(name, ".") &&
        Exists(absl::StrCat(base, "/", name, "/", kSettings))) {
      names.emplace_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::string> ChooseProfile(const ProfileChoice& choice) {
  const std::string& named =
      choice.option.empty() ? choice.environment : choice.option;
  if (absl::StrContains(named, '/')) return named;
  if (!named.empty()) {
    if (named == "." || named == "..") {
      return UsageError("a profile has a name", "write ./ for a path");
    }
    return absl::StrCat(choice.base, "/", named);
  }
  const std::vector<std::string> names = ListProfiles(choice.base);
  if (names.empty()) {
    return UsageError(absl::StrCat("no profile in ", choice.base),
                      "make one: entente profile init --help");
  }
  if (names.size() > 1 && choice.mutating) {
    return UsageError(
        absl::StrCat("which profile? There are ", absl::StrJoin(names, ", ")),
        "say --profile NAME, or set ENTENTE_PROFILE");
  }
  return absl::StrCat(choice.base, "/", names[0]);
}

}  // namespace entente::client
