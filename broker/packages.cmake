# Debian packages: `cpack` in a build folder, or ./dev package.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME entente)
set(CPACK_PACKAGE_VENDOR entente)
set(CPACK_PACKAGE_CONTACT "The entente maintainers <maintainers@entente.example>")
set(CPACK_PACKAGE_HOMEPAGE_URL "https://entente.example")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL broker client dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS OFF)
# What the build puts into PREFIX/etc belongs into /etc.
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/move_etc.cmake)

set(CPACK_DEBIAN_BROKER_PACKAGE_NAME entente-broker)
set(CPACK_DEBIAN_BROKER_PACKAGE_SECTION net)
# Beside the libraries, which are found: it makes the broker's account.
set(CPACK_DEBIAN_BROKER_PACKAGE_DEPENDS adduser)
set(CPACK_COMPONENT_BROKER_DESCRIPTION
  "Broker of sharing agreements
 Agencies that trust neither each other nor the broker share records about
 people under agreements that all of them signed. The broker enforces them,
 and sees no identifier and no value.")
# Edited files survive an upgrade; an upgraded broker starts again.
set(CPACK_DEBIAN_BROKER_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/debian/conffiles
  ${CMAKE_CURRENT_LIST_DIR}/debian/postinst
  ${CMAKE_CURRENT_LIST_DIR}/debian/prerm)
set(CPACK_DEBIAN_BROKER_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_CLIENT_PACKAGE_NAME entente-client)
set(CPACK_DEBIAN_CLIENT_PACKAGE_SECTION net)
set(CPACK_COMPONENT_CLIENT_DESCRIPTION
  "Command of agencies that share under signed agreements
 Keys, agreements, enrolment, sending, receiving, and the verification of
 ledgers, on the command line.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libentente-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "libgrpc++-dev, libgrpc-dev, libprotobuf-dev, protobuf-compiler, protobuf-compiler-grpc, libabsl-dev, libre2-dev, libc-ares-dev, zlib1g-dev, libssl-dev, libsodium-dev, libsqlite3-dev, libyaml-cpp-dev, libunistring-dev, libcpp-httplib-dev, nlohmann-json3-dev, pkg-config")
set(CPACK_COMPONENT_DEV_DESCRIPTION
  "Library to enrol, send and receive under sharing agreements
 One C++ header and the static libraries behind it, found by CMake as
 entente::client.")
include(CPack)
