// A folder on a disk that is full whenever a test wants it.
#ifndef ENTENTE_TESTS_DISK_FULL_SMALL_DISK_H_
#define ENTENTE_TESTS_DISK_FULL_SMALL_DISK_H_

#include <cstddef>
#include <string>

namespace entente::disk_full {

// Gives this process, and those that it starts, file systems of their own to
// mount: as root, or where users may have namespaces. Before any thread. False
// if the system does not allow it.
bool EnterOwnMounts();

// While one exists, `folder` is a file system in memory of `mib` MiB, with what
// stood in it, which is there again afterwards as it was before. Nobody else
// has a file of it open at either time.
class SmallDisk {
 public:
  SmallDisk(std::string folder, int mib);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Writes a file until `room` bytes are left.
  void Fill(size_t room);
  // Removes it.
  void Free();

 private:
  std::string Ballast() const { return folder_ + "/ballast"; }

  const std::string folder_;
};

}  // namespace entente::disk_full

#endif  // ENTENTE_TESTS_DISK_FULL_SMALL_DISK_H_
