#include "broker/store/test_vfs.h"

#include <cstdlib>
#include <new>
#include <utility>

namespace entente::broker {
namespace {

using Kind = FileAction::Kind;

// The system's own file stands behind it in the same space, which SQLite aligns
// for pointers and no more.
struct TestFile {
  sqlite3_file base;
  const TestVfs* vfs;
  std::string* path;
};

TestFile* Ours(sqlite3_file* file) { return reinterpret_cast<TestFile*>(file); }
sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(Ours(file) + 1);
}
const sqlite3_io_methods* Does(sqlite3_file* file) {
  return Real(file)->pMethods;
}

int Ask(sqlite3_file* file, Kind kind, int64_t offset = 0,
        std::vector<uint8_t> data = {}) {
  const TestFile* ours = Ours(file);
  return ours->vfs->Ask({kind, *ours->path, offset, std::move(data)});
}

int Close(sqlite3_file* file) {
  const int code = Does(file)->xClose(Real(file));
  delete Ours(file)->path;
  return code;
}

int Write(sqlite3_file* file, const void* data, int length,
          sqlite3_int64 offset) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  const int code = Ask(file, Kind::kWrite, offset, {bytes, bytes + length});
  if (code == SQLITE_OK) {
    return Does(file)->xWrite(Real(file), data, length, offset);
  }
  Does(file)->xWrite(Real(file), data, length / 2, offset);
  return code;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (int code = Ask(file, Kind::kTruncate, size); code != SQLITE_OK) {
    return code;
  }
  return Does(file)->xTruncate(Real(file), size);
}

int Sync(sqlite3_file* file, int) { return Ask(file, Kind::kSync); }

constexpr sqlite3_io_methods kMethods = {
    2,  // not mapped into memory: every write is seen
    Close,
    [](sqlite3_file* file, void* data, int length, sqlite3_int64 offset) {
      return Does(file)->xRead(Real(file), data, length, offset);
    },
    Write,
    Truncate,
    Sync,
    [](sqlite3_file* file, sqlite3_int64* size) {
      return Does(file)->xFileSize(Real(file), size);
    },
    [](sqlite3_file* file, int level) {
      return Does(file)->xLock(Real(file), level);
    },
    [](sqlite3_file* file, int level) {
      return Does(file)->xUnlock(Real(file), level);
    },
    [](sqlite3_file* file, int* reserved) {
      return Does(file)->xCheckReservedLock(Real(file), reserved);
    },
    [](sqlite3_file* file, int what, void* value) {
      return Does(file)->xFileControl(Real(file), what, value);
    },
    [](sqlite3_file* file) { return Does(file)->xSectorSize(Real(file)); },
    [](sqlite3_file* file) {
      return Does(file)->xDeviceCharacteristics(Real(file));
    },
    [](sqlite3_file* file, int page, int size, int extend,
       void volatile** memory) {
      return Does(file)->xShmMap(Real(file), page, size, extend, memory);
    },
    [](sqlite3_file* file, int offset, int count, int flags) {
      return Does(file)->xShmLock(Real(file), offset, count, flags);
    },
    [](sqlite3_file* file) { Does(file)->xShmBarrier(Real(file)); },
    [](sqlite3_file* file, int remove) {
      return Does(file)->xShmUnmap(Real(file), remove);
    },
    nullptr,
    nullptr};

const TestVfs& Of(sqlite3_vfs* vfs) {
  return *static_cast<const TestVfs*>(vfs->pAppData);
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  file->pMethods = nullptr;
  const std::string path = name == nullptr ? "" : name;
  if (int code = Of(vfs).Ask({Kind::kOpen, path, 0, {}}); code != SQLITE_OK) {
    return code;
  }
  sqlite3_vfs* system = Of(vfs).system();
  const int code = system->xOpen(system, name, Real(file), flags, out_flags);
  if (Real(file)->pMethods == nullptr) return code;
  Ours(file)->vfs = &Of(vfs);
  Ours(file)->path = new std::string(path);
  file->pMethods = &kMethods;
  return code;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  if (int code = Of(vfs).Ask({Kind::kDelete, name, 0, {}}); code != SQLITE_OK) {
    return code;
  }
  sqlite3_vfs* system = Of(vfs).system();
  return system->xDelete(system, name, sync_folder);
}

}  // namespace

TestVfs::TestVfs(std::string folder, Before before_action)
    : before(std::move(before_action)),
      folder_(std::move(folder)),
      system_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *system_;
  vfs_.pNext = nullptr;
  vfs_.zName = "entente-test";
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(TestFile)) + system_->szOsFile;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  if (sqlite3_vfs_register(&vfs_, 1) != SQLITE_OK) abort();
}

TestVfs::~TestVfs() { sqlite3_vfs_unregister(&vfs_); }

int TestVfs::Ask(const FileAction& action) const {
  if (before == nullptr || action.path.rfind(folder_, 0) != 0) return SQLITE_OK;
  return before(action);
}

}  // namespace entente::broker
