#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/doctor_local.h"
#include "client/durable_file.h"
#include "client/key_file.h"
#include "client/key_sets.h"

namespace entente::client {
namespace {

constexpr size_t kMaxSettingsBytes = 64 << 10;
// Of the profile, and of each renewal in `keys/<n>/`.
constexpr absl::string_view kDataKeys[] = {"batch", "kem",   "y",
                                           "print", "table", "shift"};
constexpr absl::string_view kRenewedKeys[] = {"batch", "kem", "y"};

struct Problem {
  std::string code;
  std::string why;
  std::string fix;
};

// One look through the folder.
class Reading {
 public:
  Reading(const std::string& folder, OwnFiles* files)
      : folder_(folder), files_(*files) {}

  void Read() {
    if (!ReadFolder()) return;
    ReadSettings();
    const std::string issue =
        "entente profile renew --certificate FILE --key FILE, with what your "
        "certificate authority issued";
    if (const auto pem = Text("certificate.pem", issue); pem.has_value()) {
      auto chain = certs::Certificate::ChainFromPem(*pem);
      if (!chain.ok()) Damaged("certificate.pem", chain.status(), issue);
      if (chain.ok()) files_.chain = *std::move(chain);
    }
    ReadKey(issue);
    ReadCertificate("broker-root.pem",
                    "get the broker's root from its operator again, and "
                    "compare its fingerprint with him by telephone",
                    /*required=*/true, &files_.broker_root);
    // Only who signs documents needs it at hand.
    const bool signs = files_.settings.has_value() &&
                       files_.settings->role == ProfileRole::kSignatory;
    ReadCertificate("root.pem", "copy your agency's root certificate there",
                    signs, &files_.root);
    if (files_.settings.has_value() &&
        files_.settings->role == ProfileRole::kSystem) {
      ReadDataKeys();
    }
  }

  Check Result() const {
    if (problems_.empty()) {
      return Passed(
          CheckId::kFiles,
          absl::StrCat("all files of ", folder_, " are there and can be read"));
    }
    std::vector<std::string> why;
    std::vector<std::string> fix;
    for (const Problem& problem : problems_) {
      why.push_back(problem.why);
      fix.push_back(problem.fix);
    }
    return Failed(CheckId::kFiles, ExitCode::kFailed, problems_[0].code,
                  absl::StrJoin(why, "; "), absl::StrJoin(fix, "\n"));
  }

 private:
  std::string Path(absl::string_view file) const {
    return absl::StrCat(folder_, "/", file);
  }

  void Damaged(absl::string_view file, const absl::Status& status,
               absl::string_view fix) {
    problems_.push_back({"FILE_DAMAGED",
                         absl::StrCat(Path(file), ": ", status.message()),
                         std::string(fix)});
  }

  bool ReadFolder() {
    struct stat found = {};
    if (stat(folder_.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
      problems_.push_back({"NO_PROFILE",
                           absl::StrCat("there is no folder ", folder_),
                           "name another profile with --profile, or make one: "
                           "entente profile init --help"});
      return false;
    }
    if ((found.st_mode & 022) != 0) {
      problems_.push_back(
          {"FOLDER_EXPOSED",
           absl::StrCat("others can replace the files in ", folder_),
           absl::StrCat("chmod 700 ", folder_)});
    }
    return true;
  }

  void ReadSettings() {
    const std::string path = Path("profile.yaml");
    const auto text = client::ReadFile(path, kMaxSettingsBytes);
    if (absl::IsNotFound(text.status())) {
      problems_.push_back({"NO_PROFILE", absl::StrCat("there is no ", path),
                           "restore it from a backup of the profile, or make a "
                           "new profile: entente profile init --help"});
      return;
    }
    if (!text.ok()) return Unreadable("profile.yaml", text.status());
    auto settings = ParseSettings(*text, path);
    if (!settings.ok()) {
      problems_.push_back({"SETTINGS_WRONG",
                           std::string(settings.status().message()),
                           absl::StrCat("correct the line in ", path)});
      return;
    }
    files_.settings = *std::move(settings);
  }

  void Unreadable(absl::string_view file, const absl::Status& status) {
    problems_.push_back(
        {"FILE_UNREADABLE", std::string(status.message()),
         absl::StrCat(
             "run as the profile's owner, or give it back: chown USER ",
             Path(file))});
  }

  // The text of a PEM file, or a problem.
  absl::optional<std::string> Text(absl::string_view file,
                                   absl::string_view fix) {
    auto text = client::ReadFile(Path(file), certs::kMaxPemBytes);
    if (text.ok()) return *std::move(text);
    if (absl::IsNotFound(text.status())) {
      problems_.push_back({"FILE_MISSING",
                           absl::StrCat("there is no ", Path(file)),
                           std::string(fix)});
    } else {
      Unreadable(file, text.status());
    }
    return absl::nullopt;
  }

  void ReadCertificate(absl::string_view file, absl::string_view fix,
                       bool required,
                       absl::optional<certs::Certificate>* into) {
    if (!required && !Exists(Path(file))) return;
    const auto pem = Text(file, fix);
    if (!pem.has_value()) return;
    auto certificate = certs::Certificate::FromPem(*pem);
    if (!certificate.ok()) return Damaged(file, certificate.status(), fix);
    *into = *std::move(certificate);
  }

  // Says whether a private file is one; a missing file is another's business.
  void CheckRights(absl::string_view file) {
    const absl::Status checked = CheckPrivate(Path(file));
    if (!absl::IsFailedPrecondition(checked)) return;
    problems_.push_back(
        {"KEY_EXPOSED",
         absl::StrCat("others can read ", Path(file), ", or it is a link"),
         absl::StrCat("chmod 600 ", Path(file),
                      "; if somebody else may have read it, renew the key and "
                      "have the certificate revoked")});
  }

  void ReadKey(const std::string& issue) {
    CheckRights("key.pem");
    auto pem = Text("key.pem", issue);
    if (!pem.has_value()) return;
    auto key = certs::PrivateKey::FromPem(*pem);
    sodium_memzero(pem->data(), pem->size());
    if (!key.ok()) return Damaged("key.pem", key.status(), issue);
    files_.key = *std::move(key);
  }

  void ReadDataKeys() {
    for (const absl::string_view kind : kDataKeys) ReadDataKey("", kind);
    for (int set = 1; set <= kMaxKeySets; ++set) {
      const std::string folder = absl::StrCat("keys/", set, "/");
      if (!Exists(Path(folder))) return;
      for (const absl::string_view kind : kRenewedKeys) {
        ReadDataKey(folder, kind);
      }
    }
  }

  void ReadDataKey(absl::string_view folder, absl::string_view kind) {
    const std::string file = absl::StrCat(folder, kind, ".key");
    const absl::Status read = ReadKeyFile(Path(file), kind).status();
    const std::string restore = absl::StrCat(
        "restore ", Path(file),
        " from a backup of the profile; without one, see `keys request --new`");
    if (absl::IsNotFound(read)) {
      problems_.push_back(
          {"FILE_MISSING", absl::StrCat("there is no ", Path(file)), restore});
    } else if (absl::IsFailedPrecondition(read)) {
      CheckRights(file);
    } else if (absl::IsDataLoss(read)) {
      Damaged(file, read, restore);
    } else if (!read.ok()) {
      Unreadable(file, read);
    }
  }

  const std::string& folder_;
  OwnFiles& files_;
  std::vector<Problem> problems_;
};

}  // namespace

OwnFiles ReadOwnFiles(const std::string& folder) {
  OwnFiles files;
  Reading reading(folder, &files);
  reading.Read();
  files.check = reading.Result();
  return files;
}

}  // namespace entente::client
