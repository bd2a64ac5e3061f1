import Glibc

#if DEBUG
    /// How far a test has set this process's clock apart from the machine's. No release build has it.
    enum ClockOffset {
        /// The name of a file of eight octets: milliseconds, in the machine's order. The test may write others at any time.
        private static let variable = "POSTERN_TEST_CLOCK"

        static var milliseconds: Int64 { UnsafeRawPointer(bitPattern: address)?.load(as: Int64.self) ?? 0 }

        /// Of the octets, mapped for as long as the process lives; 0 where there are none.
        private static let address: Int = {
            guard let path = getenv(variable) else { return 0 }
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return 0 }
            defer { close(descriptor) }
            let memory = mmap(nil, MemoryLayout<Int64>.size, PROT_READ, MAP_SHARED, descriptor, 0)
            return memory == MAP_FAILED ? 0 : Int(bitPattern: memory)
        }()
    }
#endif
