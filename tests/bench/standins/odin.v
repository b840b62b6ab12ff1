// A stand-in for tests with the pins of ODIN's top module and a behaviour of our own: see spi20.v and links.v.
module ODIN (
    input  wire        CLK, RST, SCK, MOSI,
    output wire        MISO,
    input  wire [16:0] AERIN_ADDR,
    input  wire        AERIN_REQ,
    output wire        AERIN_ACK,
    output wire [7:0]  AEROUT_ADDR,
    output wire        AEROUT_REQ,
    input  wire        AEROUT_ACK
);
    wire gate, finished;
    spi20 memories (.RST(RST), .SCK(SCK), .MOSI(MOSI), .MISO(MISO), .finished(finished), .gate(gate));
    links #(17) side (.CLK(CLK), .RST(RST), .gate(gate), .AERIN_ADDR(AERIN_ADDR), .AERIN_REQ(AERIN_REQ), .AERIN_ACK(AERIN_ACK),
                      .AEROUT_ADDR(AEROUT_ADDR), .AEROUT_REQ(AEROUT_REQ), .AEROUT_ACK(AEROUT_ACK),
                      .finished(finished));
endmodule
