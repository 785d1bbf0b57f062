#include "tests/disk_full/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::disk_full {
namespace {

namespace fs = std::filesystem;

bool Put(const char* path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return static_cast<bool>(file);
}

// Root of a namespace of users in which nobody else is.
bool EnterOwnUsers() {
  const uid_t user = getuid();
  const gid_t group = getgid();
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
         Put("/proc/self/setgroups", "deny") &&
         Put("/proc/self/uid_map", absl::StrCat("0 ", user, " 1")) &&
         Put("/proc/self/gid_map", absl::StrCat("0 ", group, " 1"));
}

void CopyInto(const std::string& from, const std::string& to) {
  for (const auto& each : fs::directory_iterator(from)) {
    fs::copy(each.path(), fs::path(to) / each.path().filename(),
             fs::copy_options::recursive);
  }
}

}  // namespace

bool EnterOwnMounts() {
  if (unshare(CLONE_NEWNS) != 0 && !EnterOwnUsers()) return false;
  // Nobody else sees what is mounted here.
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

SmallDisk::SmallDisk(std::string folder, int mib) : folder_(std::move(folder)) {
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
  const std::string aside = folder_ + ".aside";
  fs::create_directory(aside);
  CopyInto(folder_, aside);
  const std::string options = absl::StrCat("mode=0700,size=", mib, "m");
  EXPECT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", 0, options.c_str()), 0)
      << strerrorname_np(errno);
  CopyInto(aside, folder_);
  fs::remove_all(aside);
}

SmallDisk::~SmallDisk() { umount2(folder_.c_str(), MNT_DETACH); }

void SmallDisk::Fill(size_t room) {
  struct statvfs now = {};
  ASSERT_EQ(statvfs(folder_.c_str(), &now), 0);
  const size_t free = now.f_bavail * now.f_bsize;
  ASSERT_GT(free, room);
  const int fd = open(Ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(posix_fallocate(fd, 0, static_cast<off_t>(free - room)), 0);
  close(fd);
}

void SmallDisk::Free() { fs::remove(Ballast()); }

}  // namespace entente::disk_full
