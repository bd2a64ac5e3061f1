import Glibc

#if DEBUG
    /// How far a test has set this process's clock apart from the machine's. No release build has it.
    enum ClockOffset {
        /// The name of a file of eight octets: milliseconds, in the machine's order. The test may write others at any time.
        private static let variable = "POSTERN_TEST_CLOCK"

        static var milliseconds: Int64 { place?.load(as: Int64.self) ?? 0 }

        private nonisolated(unsafe) static let place: UnsafeRawPointer? = {
            guard let path = getenv(variable) else { return nil }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            let memory = mmap(nil, MemoryLayout<Int64>.size, PROT_READ, MAP_SHARED, descriptor, 0)
            return memory == MAP_FAILED ? nil : memory.map { UnsafeRawPointer($0) }
        }()
    }
#endif
