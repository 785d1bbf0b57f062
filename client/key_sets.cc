#include "client/key_sets.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/folder_lock.h"
#include "client/key_file.h"
#include "client/local_failure.h"

namespace entente::client {
namespace {

constexpr absl::string_view kKinds[] = {"batch", "kem", "y"};

std::string SetFolder(const Profile& profile, int number) {
  return profile.Path(absl::StrCat("keys/", number));
}

// How many sets were made after the first one.
int Renewals(const Profile& profile) {
  int count = 0;
  while (count < kMaxKeySets && Exists(SetFolder(profile, count + 1))) ++count;
  return count;
}

absl::StatusOr<KeySet> ReadSet(const std::string& folder) {
  crypto::WipedArray<kKeyBytes> raw[3];
  for (size_t i = 0; i < 3; ++i) {
    const absl::StatusOr<crypto::Secret> key =
        ReadKeyFile(absl::StrCat(folder, "/", kKinds[i], ".key"), kKinds[i]);
    if (!key.ok()) return key.status();
    std::copy(key->Expose().begin(), key->Expose().end(), raw[i].begin());
  }
  auto batch = crypto::SigningKey::TakeSeed({raw[0].data(), kKeyBytes});
  if (!batch.ok()) return batch.status();
  auto kem = crypto::KemKey::TakeFrom({raw[1].data(), kKeyBytes});
  if (!kem.ok()) return kem.status();
  auto y = crypto::SecretScalar::Parse({raw[2].data(), kKeyBytes});
  if (!y.ok()) {
    return absl::DataLossError(absl::StrCat(folder, "/y.key is damaged"));
  }
  return KeySet{*std::move(batch), *std::move(kem), *std::move(y)};
}

// The set of that number; 0 is the first.
absl::StatusOr<KeySet> Set(const Profile& profile, int number) {
  if (number > 0) return ReadSet(SetFolder(profile, number));
  auto batch = profile.BatchKey();
  if (!batch.ok()) return batch.status();
  auto kem = profile.KemKey();
  if (!kem.ok()) return kem.status();
  auto y = profile.PseudonymKey();
  if (!y.ok()) return y.status();
  return KeySet{*std::move(batch), *std::move(kem), *std::move(y)};
}

absl::Status SyncFolder(const std::string& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const auto closing = absl::MakeCleanup([fd] {
    if (fd >= 0) close(fd);
  });
  if (fd >= 0 && fsync(fd) == 0) return absl::OkStatus();
  return FileError(errno, absl::StrCat("cannot sync ", folder));
}

absl::Status WriteFreshKeys(const std::string& folder) {
  const auto batch = crypto::SigningKey::Generate();
  if (!batch.ok()) return batch.status();
  const auto kem = crypto::KemKey::Generate();
  if (!kem.ok()) return kem.status();
  const auto y = crypto::SecretScalar::Random();
  if (!y.ok()) return y.status();
  const absl::Span<const uint8_t> keys[] = {batch->ExposeSeed(), kem->Expose(),
                                            y->Expose()};
  for (size_t i = 0; i < 3; ++i) {
    if (absl::Status made = CreateKeyFile(
            absl::StrCat(folder, "/", kKinds[i], ".key"), kKinds[i], keys[i]);
        !made.ok()) {
      return made;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> KeySet::IsOf(const certs::KeyBundle& bundle) const {
  const auto point = crypto::MulBase(y);
  if (!point.ok()) return point.status();
  return bundle.batch_key == batch.public_key() &&
         absl::MakeConstSpan(bundle.kem_key) ==
             absl::MakeConstSpan(kem.public_key().bytes()) &&
         bundle.y == *point;
}

absl::StatusOr<KeySet> NewestKeys(const Profile& profile) {
  return Set(profile, Renewals(profile));
}

absl::StatusOr<KeySet> MakeNewKeys(const Profile& profile) {
  if (const auto first = profile.BatchKey(); !first.ok()) {
    return first.status();
  }
  const auto lock = FolderLock::Acquire(profile.folder());
  if (!lock.ok()) return lock.status();
  const int number = Renewals(profile) + 1;
  if (number > kMaxKeySets) {
    return absl::FailedPreconditionError(
        absl::StrCat("the profile holds ", kMaxKeySets,
                     " renewals of its keys already; publish the last one: "
                     "entente keys request without --new"));
  }
  // Whole under its number, or not there: a crash leaves only the unnumbered.
  const std::string keys = profile.Path("keys");
  const std::string made = absl::StrCat(keys, "/unfinished");
  for (const absl::string_view kind : kKinds) {
    unlink(absl::StrCat(made, "/", kind, ".key").c_str());
  }
  absl::Status done = MakeFolders(made);
  if (done.ok()) done = WriteFreshKeys(made);
  if (!done.ok()) return done;
  const std::string folder = SetFolder(profile, number);
  if (rename(made.c_str(), folder.c_str()) != 0) {
    return FileError(errno, absl::StrCat("cannot make ", folder));
  }
  if (absl::Status synced = SyncFolder(keys); !synced.ok()) return synced;
  return ReadSet(folder);
}

absl::StatusOr<KeySet> KeysOf(const Profile& profile,
                              const certs::KeyBundle* own) {
  if (own == nullptr) {
    return absl::FailedPreconditionError(
        "the agreement lists no keys of this agency");
  }
  for (int number = Renewals(profile); number >= 0; --number) {
    absl::StatusOr<KeySet> set = Set(profile, number);
    if (!set.ok()) return set;
    const absl::StatusOr<bool> is = set->IsOf(*own);
    if (!is.ok()) return is.status();
    if (*is) return set;
  }
  return absl::NotFoundError(absl::StrCat(
      "the profile ", profile.name(),
      " does not hold the keys of the bundle listed for ", own->agency));
}

}  // namespace entente::client
