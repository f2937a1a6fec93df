// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "zonebridge",
  products: [
    .library(name: "BINDText", targets: ["BINDText", "DNSNames"]),
    .executable(name: "dcos-simulator", targets: ["dcos-simulator"]),
    .executable(name: "zonebridge", targets: ["zonebridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    // Without its Foundation trait: spawning needs none of it, and the agent stays small.
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .target(name: "BINDText", dependencies: ["DNSNames"]),
    .testTarget(name: "BINDTextTests", dependencies: ["BINDText", "DNSNames", "TestSupport"]),

    .target(name: "CArguments"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
    .systemLibrary(
      name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    .target(
      name: "DCOS",
      dependencies: [
        "DNSNames",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"),
      ]),
    .testTarget(
      name: "DCOSTests",
      dependencies: [
        "DCOS", "DCOSSimulator", "DNSNames", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      resources: [.copy("Fixtures")]),

    .target(name: "DNSNames"),
    .testTarget(name: "DNSNamesTests", dependencies: ["DNSNames", "TestSupport"]),

    .target(
      name: "DCOSSimulator",
      dependencies: [
        "CLDNS",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "DCOSSimulatorTests",
      dependencies: [
        "DCOSSimulator", "TestSupport",
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      resources: [.copy("Fixtures")]),

    .executableTarget(
      name: "dcos-simulator",
      dependencies: [
        "DCOSSimulator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "DCOS", "DCOSSimulator", "DNSNames", "FileChange", "Named", "Reconcile", "ReconcileModel",
        "TestSupport", "dcos-simulator", "folder-swapper", "name-asker", "zonebridge",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(
      name: "FileChange",
      dependencies: ["CLinux", .product(name: "SystemPackage", package: "swift-system")]),
    .testTarget(
      name: "FileChangeTests",
      dependencies: [
        "CLinux", "FileChange", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .executableTarget(name: "folder-swapper", path: "Tests/FolderSwapper"),

    .executableTarget(
      name: "name-asker", dependencies: ["DNSNames", "Named"], path: "Tests/NameAsker"),

    .target(
      name: "Named",
      dependencies: [
        "CLDNS", "CLinux", "DNSNames",
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "NamedTests",
      dependencies: [
        "DNSNames", "Named", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(
      name: "Planning",
      dependencies: [
        "BINDText", "DCOS", "DNSNames", "FileChange", "Named", "ReconcileModel",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(
      name: "Reconcile",
      dependencies: [
        "BINDText", "DCOS", "DNSNames", "FileChange", "Named", "Planning", "ReconcileModel",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "ReconcileTests",
      dependencies: [
        "BINDText", "DCOS", "DNSNames", "FileChange", "Named", "Planning", "Reconcile",
        "ReconcileModel", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(
      name: "ReconcileModel",
      dependencies: [
        "BINDText", "DCOS", "DNSNames", "FileChange", "Named",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(name: "Systemd", dependencies: ["CSystemd"]),
    .testTarget(
      name: "SystemdTests",
      dependencies: [
        "Systemd", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]),

    .target(
      name: "TestSupport",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/TestSupport"),

    .executableTarget(
      name: "zonebridge",
      dependencies: [
        "BINDText", "CArguments", "CYAML", "DCOS", "DNSNames", "FileChange", "Named", "Planning",
        "Reconcile", "ReconcileModel", "Systemd",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    .testTarget(
      name: "ZonebridgeTests",
      dependencies: [
        "BINDText", "DCOS", "DNSNames", "FileChange", "Named", "Planning", "Reconcile",
        "ReconcileModel", "Systemd", "TestSupport", "zonebridge",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Benchmarks are run by hand, with deploy/benchmark: nobody else has to build them.
if Context.environment["ZONEBRIDGE_BENCHMARKS"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
  package.targets.append(
    .target(
      name: "BenchmarkSupport",
      dependencies: [
        "DCOS", "DNSNames", "Named", "Reconcile", "ReconcileModel", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Benchmarks/Support"))
  for name in ["NamedConfBenchmark", "ZoneFileBenchmark"] {
    package.targets.append(
      .executableTarget(
        name: name,
        dependencies: [
          "BINDText", "BenchmarkSupport", "DNSNames", "Named", "Reconcile", "ReconcileModel",
          .product(name: "Benchmark", package: "benchmark"),
          .product(name: "SystemPackage", package: "swift-system"),
        ],
        path: "Tests/Benchmarks/\(name)",
        plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
  }
}

// Only deploy/fuzz sets the variable: no other build is to have libFuzzer in it, nor unsafe flags.
let isFuzzing = Context.environment["ZONEBRIDGE_FUZZ"] != nil
let sanitizers = "-sanitize=address,fuzzer"
if isFuzzing {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: ["BINDText", "DNSNames"],
      path: "Tests/Fuzz",
      exclude: ["Seeds", "words.dict"],
      // gold, which Swift takes by itself, fails over the sanitizers' symbols.
      linkerSettings: [.unsafeFlags([sanitizers, "-use-ld=lld"])]))
}

// Only deploy/build-static heeds the variable: a folder that deploy/sysroot has made, with the libraries of an older Debian
// to link with. To link once more is all that it takes: nothing is compiled in another way.
if let sysroot = Context.environment["ZONEBRIDGE_SYSROOT"], !sysroot.isEmpty {
  for target in package.targets where target.type == .executable {
    target.linkerSettings = [
      .unsafeFlags(["-Xclang-linker", "--sysroot=\(sysroot)", "\(sysroot)/gcc-11.o"])
    ]
  }
}

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  ]
  if isFuzzing, ["BINDText", "DNSNames", "Fuzz"].contains(target.name) {
    target.swiftSettings?.append(.unsafeFlags([sanitizers]))
  }
}
