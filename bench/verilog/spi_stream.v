// Bits over SPI, mode 0, as fast as the simulator goes: `go` sends the low `count` bits of `sent`, the highest first, and keeps what comes.
`timescale 1ns / 1ps

module spi_stream #(parameter BITS = 1920) (
    output reg  SCK,
    output reg  MOSI,
    input  wire MISO
);
    reg [BITS-1:0] sent, got;
    reg [15:0]     count;
    reg [31:0]     half_ns;
    reg            go, done;
    integer        k;

    initial begin
        SCK = 0; MOSI = 0; go = 0; done = 0; half_ns = 25;
    end

    always @(posedge go) begin
        done = 0;
        for (k = count; k > 0; k = k - 1) begin
            MOSI = sent[k-1];
            #half_ns;
            got[k-1] = MISO;
            SCK = 1;
            #half_ns;
            SCK = 0;
        end
        done = 1;
    end
endmodule
