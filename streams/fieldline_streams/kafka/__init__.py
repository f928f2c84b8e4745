"""fieldline on Apache Kafka: the same capture, judge and answers, carried by topics and run by workers."""
